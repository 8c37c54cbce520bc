"""The desk of a hub: answers commands, button presses and forms, whatever platform they come from."""

import logging
from collections.abc import Awaitable, Callable

from airchat.protocol.errors import Forbidden, HubError, RateLimited
from airchat.protocol.messages import Message
from airchat.protocol.principals import Kind
from hub.core.limits import hit, refuse
from hub.relay.commands import account, agents, approvals, channels, guards, mutes, say, status, table, tasks
from hub.relay.commands.asker import Asker, recognise
from hub.relay.commands.cases import Cases
from hub.relay.commands.table import COMMANDS, Question
from hub.relay.commands.wording import quoted
from hub.relay.contract.desk import Button, Command, Place, Press, Reply, Submission
from hub.relay.contract.inbound import User

COMMANDS_PER_MINUTE = 30
TOPICS = (account, agents, approvals, channels, guards, mutes, say, status, tasks)
"""The modules whose commands are in the table."""

_SUGGESTIONS = 25
_QUOTED = 2_000

_log = logging.getLogger(__name__)

Pressed = Callable[[Question, str], Awaitable[Reply]]

_PRESSES: dict[str, Pressed] = {
    approvals.APPROVE: approvals.approved,
    approvals.DENY: approvals.denied,
    tasks.CLAIM: tasks.claimed,
    tasks.RELEASE: tasks.released,
    tasks.FINISH: tasks.result_form,
}


class CommandDesk:
    """See `hub.relay.contract.desk.Desk`."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases

    async def command(self, command: Command) -> Reply:
        """Do what was typed; nothing typed, or a shortcut on a message, asks for a form."""

        async def work(asker: Asker) -> Reply:
            text = command.text.strip()
            question = Question(self._cases, asker, rest=text, about=command.about)
            if command.about is not None:
                return await say.form(question, "" if asker.channel is not None else f"{quoted(text, _QUOTED)}\n")
            if not text:
                return await say.form(question)
            entry = table.find(text)
            if entry is None:
                return await say.say(question, text)
            return await table.run(entry, self._cases, asker, text)

        return await self._answer(command.user, command.place, work)

    async def press(self, press: Press) -> Reply:
        """Do what the button stands for."""

        async def work(asker: Asker) -> Reply:
            pressed = _PRESSES.get(press.action)
            if pressed is None:
                raise Forbidden("The hub does not know this button any more.")
            return await pressed(Question(self._cases, asker), press.value)

        return await self._answer(press.user, press.place, work)

    async def submit(self, submission: Submission) -> Reply:
        """Do what the form asks for."""

        async def work(asker: Asker) -> Reply:
            kind, _, subject = submission.form.partition(" ")
            values = submission.values
            question = Question(self._cases, asker, about=subject or None)
            if kind == say.FORM:
                return await say.filled_in(question, values.get("to", ""), values.get("text", ""))
            if kind == tasks.FORM:
                return await tasks.finished(question, subject, values.get("result", ""))
            raise Forbidden("The hub does not know this form any more.")

        return await self._answer(submission.user, submission.place, work)

    async def complete(self, place: Place, text: str) -> list[str]:
        """Return commands, and agents and channels by name, that begin so."""
        directory = self._cases.directory
        head, _, last = text.rpartition(" ")
        words = [entry.name for entry in COMMANDS.values()] if not head else []
        if last.startswith("@") or not last:
            words += [f"@{it.name}" for it in directory.principals() if it.kind is Kind.AGENT and it.active]
        if last.startswith("#"):
            words += [f"#{it.name}" for it in directory.channels() if not it.direct and not it.private]
        found = (word for word in words if word.startswith(last.lower()))
        return [f"{head} {word}".strip() for word in found][:_SUGGESTIONS]

    async def buttons(self, message: Message) -> tuple[Button, ...]:
        """Return the buttons that belong below a message of the hub now."""
        store, metadata = self._cases.store, message.metadata
        return await tasks.offered(store, metadata) or await approvals.asked(store, metadata)

    async def _answer(self, user: User, place: Place, work: Callable[[Asker], Awaitable[Reply]]) -> Reply:
        """Do the work for whoever asks; what they did wrong is what they are told."""
        try:
            asker = await recognise(self._cases, user, place)
            await self._count(asker)
            return await work(asker)
        except RateLimited as error:
            return Reply(f"That was too much at once; try again in {error.retry_after} s.")
        except HubError as error:
            return Reply(str(error))
        except Exception:  # noqa: BLE001 - whatever goes wrong, somebody waits for an answer
            _log.exception("a command of %s in %s failed", user.id, place.remote_channel)
            return Reply("The hub failed at that; its log says why.")

    async def _count(self, asker: Asker) -> None:
        now = self._cases.clock()
        refuse(
            await self._cases.store.write(
                lambda unit: hit(unit, "command", asker.known_as, COMMANDS_PER_MINUTE, now), "registration"
            )
        )
