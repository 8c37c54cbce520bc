"""What a user pastes into Slack is what the bridge needs, no more and no less."""

from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from bridges.slack import interactions
from bridges.slack.scopes import NEEDED, WANTED
from tests.bridges.slack.conftest import PLACE, World

MANIFEST = Path(__file__).parents[3] / "config" / "slack-manifest.yaml"


@pytest.fixture
def manifest() -> Any:
    return yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))


def test_scopes_are_those_that_are_used(manifest: Any) -> None:
    scopes = manifest["oauth_config"]["scopes"]["bot"]
    assert scopes == sorted(set(NEEDED) | set(WANTED))


def test_command_and_shortcut_are_those_that_are_answered(manifest: Any) -> None:
    features = manifest["features"]
    assert [it["command"] for it in features["slash_commands"]] == [interactions.COMMAND]
    assert [(it["type"], it["callback_id"]) for it in features["shortcuts"]] == [("message", interactions.SHORTCUT)]
    assert manifest["settings"]["interactivity"]["is_enabled"]
    assert manifest["settings"]["socket_mode_enabled"]


async def test_everything_works_with_these_scopes_and_events(world: World, manifest: Any) -> None:
    app, alice = world.slack.app, world.slack.person("alice")
    app.scopes = set(manifest["oauth_config"]["scopes"]["bot"])
    app.events = set(manifest["settings"]["event_subscriptions"]["bot_events"])
    await world.bridge.connect()
    async with world.running():
        said = await alice.say(PLACE, "one")
        await alice.edit(said, "two")
        await alice.react(said, "tada")
        await alice.unreact(said, "tada")
        await alice.set_topic(PLACE, "topic")
        await alice.archive(PLACE)
        await alice.archive(PLACE, archived=False)
        await world.slack.person("bob").join(PLACE)
        await alice.delete(said)
        assert len(await world.heard(9)) == 9
