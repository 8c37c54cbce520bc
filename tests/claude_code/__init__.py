"""The real Claude Code CLI in tests: a home of its own, a clean environment, and a fake model on loopback.

    async with FakeAnthropic() as model:
        claude = ClaudeCode(tmp_path, model.url)
        assert (await claude.run("hello\\n@@say hi")).text == "hi"        # one shot, `claude -p`
        async with claude.session() as session:                          # stays, idle between turns
            assert await session.ask("hello\\n@@say hi") == "hi"
            await session.turn()                                         # one that something else has started
        async with claude.terminal() as screen:                          # as a person sees it, in tmux
            await screen.ready()
            screen.type("hello")
            await screen.shows("Done.")

`claude.home` is HOME, `claude.folder` the project it works in, `claude.config` its configuration folder. Tests that use
it are marked `slow`, and are skipped where there is no `claude` (a failure in CI).
"""

from tests.claude_code.claude import ClaudeCode, Run, find_claude
from tests.claude_code.session import Session

__all__ = ["ClaudeCode", "Run", "Session", "find_claude"]
