"""What tests ask of the fake: waiting, finding, several of them at once."""

import pytest

from tests.fakes.slack import FakeSlack, SlackError


async def test_wait_for_returns_what_it_waited_for(slack: FakeSlack) -> None:
    await slack.person("alice").say("#general", "hello")

    assert (await slack.wait_for(lambda: slack.find("#general", "hello"))).text == "hello"


async def test_wait_for_shows_the_channels_when_time_is_over(slack: FakeSlack) -> None:
    await slack.person("alice").say("#general", "hello")
    with pytest.raises(AssertionError, match=r"(?s)a miracle.*#general.*text='hello'"):
        await slack.wait_for(lambda: False, timeout=0.02, what="a miracle")


async def test_find_reports_a_text_nobody_wrote(slack: FakeSlack) -> None:
    with pytest.raises(LookupError):
        slack.find("#general", "hello")


async def test_person_is_one_member_however_often_asked_for(slack: FakeSlack) -> None:
    assert slack.person("alice").id == slack.person("alice").id
    assert slack.person("alice").id != slack.person("bob").id


async def test_display_name_shows_in_the_transcript(slack: FakeSlack) -> None:
    alice = slack.person("alice")
    await alice.say("#general", "hello")
    await alice.set_display_name("Ally")

    assert slack.transcript("#general") == [("Ally", "hello", None)]


async def test_channel_names_are_unique(slack: FakeSlack) -> None:
    with pytest.raises(SlackError, match="name_taken"):
        slack.create_channel("#general")


async def test_workspaces_are_separate() -> None:
    async with FakeSlack() as one, FakeSlack() as two:
        await one.person("alice").say("#general", "here")

        assert one.url != two.url
        assert two.transcript("#general") == []


async def test_workspace_stays_readable_after_stop() -> None:
    async with FakeSlack() as slack:
        await slack.person("alice").say("#general", "hello")

    assert slack.transcript("#general") == [("Alice", "hello", None)]
