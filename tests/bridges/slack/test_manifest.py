"""What a user pastes into Slack is what the bridge needs, no more and no less."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from slack_sdk.web.async_client import AsyncWebClient

from bridges.slack import interactions
from bridges.slack.scopes import NEEDED, WANTED
from tests.bridges.slack.conftest import PLACE, World

METHODS = {
    "assistant_threads_setStatus": {"chat:write"},
    "apps_connections_open": set(),  # by the app token
    "auth_test": set(),
    "chat_appendStream": {"chat:write"},
    "chat_delete": {"chat:write"},
    "chat_postEphemeral": {"chat:write"},
    "chat_postMessage": {"chat:write", "chat:write.customize"},
    "chat_startStream": {"chat:write", "chat:write.customize"},
    "chat_stopStream": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_history": {"channels:history", "groups:history"},
    "conversations_info": {"channels:read", "groups:read"},
    "conversations_join": {"channels:join"},
    "conversations_list": {"channels:read", "groups:read"},
    "conversations_open": {"im:write"},
    "conversations_replies": {"channels:history", "groups:history"},
    "conversations_setTopic": {"channels:write.topic"},
    "emoji_list": {"emoji:read"},
    "files_completeUploadExternal": {"files:write"},
    "files_getUploadURLExternal": {"files:write"},
    "files_info": {"files:read"},
    "reactions_add": {"reactions:write"},
    "reactions_remove": {"reactions:write"},
    "usergroups_list": {"usergroups:read"},
    "users_info": {"users:read", "users:read.email"},
    "views_open": set(),
}
"""Which scopes each method of Slack's Web API asks for; which channels are private by now is asked and heard, too.

https://docs.slack.dev/reference/methods
"""

EVENTS = {
    "channel_archive": {"channels:read"},
    "channel_unarchive": {"channels:read"},
    "emoji_changed": {"emoji:read"},
    "group_archive": {"groups:read"},
    "group_unarchive": {"groups:read"},
    "member_joined_channel": {"channels:read", "groups:read"},
    "member_left_channel": {"channels:read", "groups:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "reaction_added": {"reactions:read"},
    "reaction_removed": {"reactions:read"},
    "subteam_members_changed": {"usergroups:read"},
    "user_change": {"users:read"},
}
"""And each event: https://docs.slack.dev/reference/events."""

CALLED = re.compile(r"\bclient\.([a-z]+_\w+)")
SOURCES = Path(interactions.__file__).parent

MANIFEST = Path(__file__).parents[3] / "config" / "slack-manifest.yaml"


@pytest.fixture
def manifest() -> Any:
    return yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))


def test_scopes_are_those_that_are_used(manifest: Any) -> None:
    scopes = manifest["oauth_config"]["scopes"]["bot"]
    assert scopes == sorted(set(NEEDED) | set(WANTED))


def test_scopes_cover_what_the_bridge_calls_and_hears_and_nothing_else(manifest: Any) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SOURCES.glob("*.py")).replace("self._client", "client")
    called = {name for name in CALLED.findall(text) if hasattr(AsyncWebClient, name)}
    assert called == set(METHODS)
    heard = manifest["settings"]["event_subscriptions"]["bot_events"]
    assert heard == sorted(EVENTS)
    by_the_way = {"commands", "files:read"}  # of the command, and of downloads
    needed = set().union(by_the_way, *METHODS.values(), *EVENTS.values())
    assert manifest["oauth_config"]["scopes"]["bot"] == sorted(needed)


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
