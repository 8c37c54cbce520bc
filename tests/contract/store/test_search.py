from typing import Any

import pytest

from airchat.protocol.errors import NotFound
from airchat.protocol.principals import Principal
from store.ports.search import SearchQuery, Term
from store.ports.store import Store
from tests.contract.store.world import World


def words(*texts: str) -> tuple[Term, ...]:
    """Return terms: `-` before a text negates it, spaces make it a phrase."""
    return tuple(Term(tuple(text.removeprefix("-").split()), text.startswith("-")) for text in texts)


async def find(store: Store, viewer: Principal, *alternatives: tuple[Term, ...], **more: Any) -> list[str]:
    """Return the texts found."""
    async with store.read() as unit:
        hits = await unit.search.messages(SearchQuery(alternatives, viewer.id, **more))
    return [hit.message.content for hit in hits]


@pytest.fixture
async def ann(world: World) -> Principal:
    return await world.principal("ann")


async def test_words_are_joined_by_and(store: Store, world: World, ann: Principal) -> None:
    channel = await world.channel("general")
    for text in ("the deploy failed", "the deploy worked", "tests failed"):
        await world.post(channel, ann, text)
    assert await find(store, ann, words("deploy", "failed")) == ["the deploy failed"]
    assert await find(store, ann, words("failed", "the", "deploy")) == ["the deploy failed"]
    assert await find(store, ann, words("deploy", "nowhere")) == []


async def test_phrase_needs_neighbours_in_order(store: Store, world: World, ann: Principal) -> None:
    channel = await world.channel("general")
    for text in ("red green blue", "green red", "red and green", "Red-Green!"):
        await world.post(channel, ann, text)
    assert await find(store, ann, words("red green"), newest_first=True) == ["Red-Green!", "red green blue"]
    assert await find(store, ann, words("red green blue")) == ["red green blue"]
    assert len(await find(store, ann, words("red", "green"))) == 4


async def test_negated_words_and_phrases_exclude(store: Store, world: World, ann: Principal) -> None:
    channel = await world.channel("general")
    for text in ("red green", "red blue", "green red", "red"):
        await world.post(channel, ann, text)
    assert await find(store, ann, words("red", "-green"), newest_first=True) == ["red", "red blue"]
    assert await find(store, ann, words("red", "-red green"), newest_first=True) == ["red", "green red", "red blue"]
    assert await find(store, ann, words("red", "-green", "-blue")) == ["red"]


async def test_alternatives(store: Store, world: World, ann: Principal) -> None:
    channel = await world.channel("general")
    for text in ("red apple", "green apple", "green pear", "plum"):
        await world.post(channel, ann, text)
    found = await find(store, ann, words("red", "apple"), words("pear"), words("plum", "-red"), newest_first=True)
    assert found == ["plum", "green pear", "red apple"]


FORMS = (
    ("The DEPLOY is done", "deploy"),
    ("Das Café ist zu", "cafe"),
    ("Das Cafe ist zu", "café"),
    ("ÜBER alles", "uber"),
    ("connections refused", "connect"),
    ("it is connecting now", "connected"),
    ("running", "run"),
    ("the libraries", "library"),
    ("snake_case_name", "case"),
    ("see src/hub/app.py", "app"),
    ("error 404!", "404"),
    ("mail me: ann@example.org", "example"),
    ("https://example.org/path?q=1", "path"),
    ("well-known", "known"),
    ("(bracketed)", "bracketed"),
    ("don't", "don"),
    ("naïve 日本", "日本"),
    ("is it in the", "the"),
    ("version 1.2.3", "2"),
    ("привет мир", "мир"),
)


async def test_word_is_found_whatever_its_form(store: Store, world: World, ann: Principal) -> None:
    for number, (text, word) in enumerate(FORMS):
        channel = await world.channel(f"form-{number}")
        await world.post(channel, ann, "something else")
        await world.post(channel, ann, text)
        assert (word, await find(store, ann, words(word), channel_id=channel.id)) == (word, [text])


async def test_part_of_a_word_is_not_found(store: Store, world: World, ann: Principal) -> None:
    channel = await world.channel("general")
    await world.post(channel, ann, "deployment")
    assert await find(store, ann, words("depl")) == []
    assert await find(store, ann, words("ment")) == []


async def test_words_of_query_languages_are_words(store: Store, world: World, ann: Principal) -> None:
    for word in ("and", "or", "not", "near", "null", "scope", "body", "content", "c", "a"):
        channel = await world.channel(f"word-{word}")
        await world.post(channel, ann, "something else")
        await world.post(channel, ann, f"{word} that")
        for query, found in (
            (words(word), f"{word} that"),
            (words("that", word), f"{word} that"),
            (words("else", f"-{word}"), "something else"),
        ):
            assert (query, await find(store, ann, query, channel_id=channel.id)) == (query, [found])


async def test_filters(store: Store, world: World, ann: Principal) -> None:
    bob = await world.principal("bob")
    general, other = await world.channel("general"), await world.channel("other")
    first = await world.post(general, ann, "word 1")
    await world.post(other, ann, "word 2")
    third = await world.post(general, bob, "word 3")
    await world.post(other, bob, "word 4")

    async def found(**more: Any) -> list[str]:
        return await find(store, ann, words("word"), newest_first=True, **more)

    assert await found() == ["word 4", "word 3", "word 2", "word 1"]
    assert await found(channel_id=general.id) == ["word 3", "word 1"]
    assert await found(author_id=bob.id) == ["word 4", "word 3"]
    assert await found(channel_id=general.id, author_id=bob.id) == ["word 3"]
    assert await found(after=first.created_at) == ["word 4", "word 3", "word 2"]
    assert await found(before=third.created_at) == ["word 2", "word 1"]
    assert await found(after=first.created_at, before=third.created_at) == ["word 2"]
    assert await found(channel_id=world.id()) == []


async def test_paging_neither_skips_nor_repeats(store: Store, world: World, ann: Principal) -> None:
    channel = await world.channel("general")
    for number in range(25):
        await world.post(channel, ann, f"word {'word ' * (number % 4)}{number}")
    for newest_first in (True, False):
        everything = await find(store, ann, words("word"), newest_first=newest_first, limit=100)
        pages = [
            await find(store, ann, words("word"), newest_first=newest_first, limit=10, offset=offset)
            for offset in (0, 10, 20, 30)
        ]
        assert [text for page in pages for text in page] == everything
        assert [len(page) for page in pages] == [10, 10, 5, 0]


async def test_best_match_comes_first(store: Store, world: World, ann: Principal) -> None:
    channel = await world.channel("general")
    for text in ("word word word", "one word among a great many other things that say nothing about it", "no match"):
        await world.post(channel, ann, text)
    async with store.read() as unit:
        hits = await unit.search.messages(SearchQuery((words("word"),), ann.id))
    assert [hit.message.number for hit in hits] == [1, 2]
    assert hits[0].rank > hits[1].rank
    assert [hit.channel_name for hit in hits] == ["general", "general"]


async def test_newest_first_ranks_nothing(store: Store, world: World, ann: Principal) -> None:
    channel = await world.channel("general")
    for text in ("word word word", "one word among others"):
        await world.post(channel, ann, text)
    async with store.read() as unit:
        hits = await unit.search.messages(SearchQuery((words("word"),), ann.id, newest_first=True))
    assert [(hit.message.number, hit.rank) for hit in hits] == [(2, 0.0), (1, 0.0)]


async def test_rank_looks_at_the_newest_thousand(store: Store, world: World, ann: Principal) -> None:
    channel = await world.channel("general")
    texts = ["word"] + [f"a word and more {number}" for number in range(1_000)]
    drafts = [world.draft(channel, ann, text) for text in texts]
    await store.write(lambda unit: unit.messages.append(drafts))
    ranked = await find(store, ann, words("word"), limit=2_000)
    assert sorted(ranked) == sorted(texts[1:])
    assert await find(store, ann, words("word"), newest_first=True, limit=2_000) == texts[::-1]


async def test_direct_messages_are_found_by_their_parties_only(store: Store, world: World, ann: Principal) -> None:
    bob, cat = await world.principal("bob"), await world.principal("cat")
    public = await world.channel("general")
    secret, other = await world.direct(ann, bob), await world.direct(cat, bob)
    await world.post(public, ann, "word in public")
    await world.post(secret, ann, "word between ann and bob")
    await world.post(other, bob, "word between cat and bob")

    async def found(viewer: Principal, **more: Any) -> list[str]:
        return await find(store, viewer, words("word"), newest_first=True, **more)

    assert await found(ann) == ["word between ann and bob", "word in public"]
    assert await found(cat) == ["word between cat and bob", "word in public"]
    assert await found(bob) == ["word between cat and bob", "word between ann and bob", "word in public"]
    assert await found(cat, channel_id=secret.id) == []
    assert await found(cat, author_id=ann.id) == ["word in public"]
    assert await find(store, cat, words("nothing"), words("ann", "bob")) == []


async def test_who_left_a_public_channel_still_finds_its_messages(store: Store, world: World, ann: Principal) -> None:
    bob = await world.principal("bob")
    public = await world.channel("general")
    await world.post(public, ann, "word")
    await store.write(lambda unit: unit.channels.leave(public.id, ann.id))
    assert await find(store, bob, words("word")) == ["word"]


async def test_edited_message_is_found_by_its_new_text_only(store: Store, world: World, ann: Principal) -> None:
    channel = await world.channel("general")
    message = await world.post(channel, ann, "old common")
    await world.post(channel, ann, "other")
    await store.write(lambda unit: unit.messages.edit(message.id, "new common", ann.id, world.tick()))
    assert await find(store, ann, words("old")) == []
    assert await find(store, ann, words("new")) == ["new common"]
    assert await find(store, ann, words("common", "-old")) == ["new common"]
    await store.write(lambda unit: unit.messages.edit(message.id, "newest", ann.id, world.tick()))
    assert await find(store, ann, words("common")) == []


async def test_deleted_message_is_not_found(store: Store, world: World, ann: Principal) -> None:
    channel = await world.channel("general")
    message = await world.post(channel, ann, "word")
    kept = await world.post(channel, ann, "word again")
    await store.write(lambda unit: unit.messages.delete(message.id, world.tick()))
    assert await find(store, ann, words("word")) == [kept.content]


async def test_message_of_a_failed_use_case_is_not_found(store: Store, world: World, ann: Principal) -> None:
    channel = await world.channel("general")
    bad = world.draft(channel, ann, "word", parent_id=world.id())
    with pytest.raises(NotFound):
        await store.append(bad)
    assert await find(store, ann, words("word")) == []
    await world.post(channel, ann, "word, really")
    assert await find(store, ann, words("word")) == ["word, really"]
