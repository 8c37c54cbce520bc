"""What a measured hub begins with: people and their tokens, channels, and stored messages."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from airchat.protocol.channels import Channel
from airchat.protocol.ids import new_id
from airchat.protocol.principals import Principal
from hub.administration import Administration, administration
from hub.settings import load_settings
from store.ports.messages import MessageDraft

PEOPLE = 64
CHANNELS = 200
COMMON, MEDIUM, RARE = "release", "lantern", "quokka"
"""Words in every fourth message, in every hundredth and in every ten-thousandth."""

_AT_ONCE = 2_000
_WORDS = [f"{start}{end}" for start in ("mar", "tel", "dov", "sin", "bor", "cal") for end in ("in", "ak", "os", "elt")]
_RARER_WORDS = 20_000


@dataclass(frozen=True, slots=True)
class Stock:
    """Tokens of people, each with a name; names of channels, where everybody of them is a member."""

    names: list[str]
    tokens: list[str]
    channels: list[str]


async def people(hub: Administration, count: int = PEOPLE, channels: int = CHANNELS) -> Stock:
    """Make people with a token each, and channels."""
    tokens = []
    names = [f"bench-{number}" for number in range(count)]
    for name in names:
        await hub.cases.people.create(hub.actor, name)
        _, secret = await hub.cases.credentials.create_token(hub.actor, name, "bench")
        tokens.append(secret)
    made = [(await hub.cases.channels.open(hub.actor, f"bench-{number:03}")).name for number in range(channels)]
    return Stock(names, tokens, made)


def prepare(env: Mapping[str, str], channels: int = CHANNELS, count: int = PEOPLE) -> Stock:
    """Make people and channels in the store of the hub that has these environment variables; it must not run."""

    async def run() -> Stock:
        async with administration(load_settings(None, env)) as hub:
            return await people(hub, count, channels)

    return asyncio.run(run())


async def fill(hub: Administration, stock: Stock, count: int, stored: Callable[[int], None] = lambda _: None) -> None:
    """Store `count` more messages, a few thousand at once; the channels are not equally busy."""
    chance = random.Random(count)
    authors = [who for name in stock.names if (who := hub.cases.directory.principal_by_name(name))]
    channels = [where for name in stock.channels if (where := hub.cases.directory.channel_by_name(name))]
    shares = [1 / (place + 1) for place in range(len(channels))]
    for begin in range(0, count, _AT_ONCE):
        now = time.time_ns() // 1000
        size = min(_AT_ONCE, count - begin)
        chosen = chance.choices(channels, shares, k=size)
        drafts = [_draft(chance, authors[chance.randrange(len(authors))], channel, now) for channel in chosen]
        await asyncio.gather(*(hub.store.append(draft) for draft in drafts))
        stored(begin + size)


def _draft(chance: random.Random, author: Principal, channel: Channel, now: int) -> MessageDraft:
    words = chance.choices(_WORDS, k=10) + [f"word{chance.randrange(_RARER_WORDS)}" for _ in range(6)]
    if chance.random() < 1 / 4:
        words.append(COMMON)
    if chance.random() < 1 / 100:
        words.append(MEDIUM)
    if chance.random() < 1 / 10_000:
        words.append(RARE)
    return MessageDraft(new_id(now), channel, author.id, author.name, " ".join(words), now)


def database(folder: Path) -> Path:
    """Return where a hub with its state below `folder` keeps its SQLite file."""
    return folder / "hub" / "hub.db"
