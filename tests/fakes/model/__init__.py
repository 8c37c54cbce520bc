"""Fakes of the APIs by which agent CLIs ask their models, on loopback, for running the real CLIs without a model.

    async with FakeAnthropic() as model:                   # or FakeOpenAI, FakeGoogle
        model.on("mention from ann", "@@say I have seen it")
        ...                                                # run something (tests.claude_code runs Claude Code)
        await model.wait_for(lambda: model.asked("mention from ann"))
        assert "You have 1 unread mention" in model.requests[0].text

The model follows a script: lines of the prompt, or of a rule given with `on`, that begin with `@@`. Each answer is what
stands up to the next tool call; after the last one it says "Done." and ends its turn.

    @@say TEXT              say this
    @@tool NAME {"k": 1}    call a tool; this answer ends here, the next one follows its result
    @@also NAME {"k": 1}    call a tool together with the next `@@tool`
    @@sleep SECONDS         think so long before this answer
    @@usage IN OUT          what this answer costs, in tokens (10 and 5 otherwise)
    @@error STATUS          answer with this HTTP status instead

`model.requests` holds every `Request`: `text` (all the model was shown), `newest` (since its last answer), `results`
(of tools, since then), `tools`, `model`, `headers`, `body`. `model.answering` counts answers under way, `model.dropped`
those whose caller went away; `model.others` lists requests for anything else (they get 404).
"""

from tests.fakes.model.request import Request
from tests.fakes.model.script import Block, Step
from tests.fakes.model.server import FakeModel, stream

__all__ = ["Block", "FakeModel", "Request", "Step", "stream"]
