"""Saying something: to an agent, in a channel, or here; and the form for it."""

from airchat.protocol.errors import InvalidInput, NotFound
from airchat.protocol.messages import Origin
from airchat.protocol.names import DIRECT_MESSAGES, is_name
from airchat.protocol.principals import Kind
from hub.relay.commands import lookup
from hub.relay.commands.agents import seen_agents
from hub.relay.commands.asker import require_commander, require_way_in
from hub.relay.commands.channels import readable
from hub.relay.commands.table import Question
from hub.relay.commands.wording import span
from hub.relay.contract.desk import Field, Form, Reply

FORM = "say"
EVERYBODY = "human-messages"
"""Where what is for nobody in particular goes, when it is said in a channel that is not linked."""

_CHOICES = 25


async def say(question: Question, text: str) -> Reply:
    """Say it to whom it begins with, `@agent` or `#channel`, else in the channel where the asker is."""
    first, _, rest = text.partition(" ") if " " in text else text.partition("\n")
    if first.startswith("@") and len(first) > 1:
        return await to_agent(question, first[1:], rest.strip())
    if first.startswith("#") and len(first) > 1:
        return await to_channel(question, first[1:], rest.strip())
    return await here(question, text)


async def to_agent(question: Question, name: str, text: str) -> Reply:
    """Ask an agent: in the channel where the asker is, for all to see, or directly when that is not linked."""
    require_way_in(question.asker)
    require_commander(question.asker)
    agent = lookup.addressee(question, name)
    if not text:
        raise InvalidInput(f"Say what it shall do: {question.asker.typed(f'@{agent.name} please …')}")
    cases, asker = question.cases, question.asker
    when = _when(question, agent.name)
    if asker.channel is None:
        await cases.messages.direct(
            asker.principal,
            agent.name,
            text,
            door=_door(question),
            origin=_origin(question),
            author_display=asker.display_name,
        )
        answer = asker.typed(f"read @{agent.name}")
        told = f"Sent to `@{agent.name}` in #{DIRECT_MESSAGES}. {when} Read the answer with {answer}."
        return Reply(told, public=True)
    await _post(question, asker.channel.name, f"@{agent.name} {text}")
    return Reply(f"Sent to `@{agent.name}`. {when} {_answers(question)}")


async def to_channel(question: Question, name: str, text: str) -> Reply:
    """Post in a channel; whoever has an account may make it by that."""
    require_way_in(question.asker)
    wanted = name.lower().rstrip(":,")
    if not text:
        raise InvalidInput(f"Say what to post: {question.asker.typed(f'#{wanted} your words')}")
    try:
        wanted = lookup.channel(question, wanted).name
    except NotFound:
        if not question.asker.has_account or not is_name(wanted):
            raise
    await _post(question, wanted, text)
    return Reply(f"Posted to `#{wanted}`.", public=not _is_here(question, wanted))


async def here(question: Question, text: str) -> Reply:
    """Post in the channel where the asker is, or for everybody when that is not linked."""
    require_way_in(question.asker)
    channel = question.asker.channel
    name = EVERYBODY if channel is None else channel.name
    await _post(question, name, text)
    return Reply(f"Posted to `#{name}`.", public=channel is None)


async def form(question: Question, text: str = "") -> Reply:
    """Ask whom to tell what; `text` is what stands there already."""
    asker = question.asker
    agents = [it.principal.name for it, _ in await seen_agents(question, _CHOICES)]
    spot = "Everybody here" if asker.channel is not None else f"Everybody (#{EVERYBODY})"
    choices = [("everybody", spot), *((f"@{name}", f"@{name}") for name in agents[: _CHOICES // 2])]
    channels = [it.name for it in readable(question)]
    choices += [(f"#{name}", f"#{name}") for name in channels[: _CHOICES - len(choices)]]
    first = f"@{agents[0]}" if question.about is not None and agents else ""
    fields = (
        Field("to", "To", tuple(choices), value=first or "everybody"),
        Field("text", "What", long=True, required=True, value=text),
    )
    title = "Send to an agent" if question.about is not None else "AirChat"
    return Reply(
        f"{asker.typed('help')} shows what there is.",
        form=Form(f"{FORM} {question.about or ''}".strip(), title, fields),
    )


async def filled_in(question: Question, to: str, text: str) -> Reply:
    """Do what a form that was filled in asks for."""
    if not text.strip():
        raise InvalidInput("Say what: the text is empty.")
    if to.startswith("@"):
        return await to_agent(question, to[1:], text.strip())
    if to.startswith("#"):
        return await to_channel(question, to[1:], text.strip())
    return await here(question, text.strip())


async def _post(question: Question, channel_name: str, text: str) -> None:
    asker = question.asker
    await question.cases.messages.post(
        asker.principal,
        channel_name,
        text,
        parent_id=await _thread(question, channel_name),
        door=_door(question),
        origin=_origin(question),
        author_display=asker.display_name,
        addressing=asker.commands,
    )


async def _thread(question: Question, channel_name: str) -> str | None:
    """Return the message that is answered: the one that the command is about, or the one that began the thread."""
    asker = question.asker
    remote_id = question.about or asker.place.thread_id
    if remote_id is None or asker.link is None or asker.channel is None or asker.channel.name != channel_name:
        return None
    async with question.cases.store.read() as unit:
        pair = await unit.counterparts.of_remote(asker.link.id, remote_id)
    return None if pair is None else pair.message_id


def _origin(question: Question) -> Origin:
    return Origin(question.asker.place.platform, verified=True)


def _door(question: Question) -> dict[str, str]:
    return {"source": question.asker.place.platform}


def _is_here(question: Question, channel_name: str) -> bool:
    return question.asker.channel is not None and question.asker.channel.name == channel_name


def _when(question: Question, name: str) -> str:
    """Say when they will see it."""
    cases = question.cases
    principal = cases.directory.principal_by_name(name)
    if principal is None or principal.kind is not Kind.AGENT:
        return "They'll be notified."
    if cases.presence.online(principal):
        return "It is here and sees it now."
    seen = cases.presence.last_seen(principal)
    last = "" if seen is None else f" (last seen {span(max(0, cases.clock() - seen))} ago)"
    return f"They'll be notified on their next prompt{last}."


def _answers(question: Question) -> str:
    """Say where the answer will stand."""
    link = question.asker.link
    if link is None or link.direction == "in":
        return "What it says stays on the hub: this channel is only linked inwards."
    return (
        "The link is paused: nothing appears here until it is resumed." if link.paused else "It answers in the thread."
    )
