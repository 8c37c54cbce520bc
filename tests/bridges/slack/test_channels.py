"""Channels by the names people use."""

import pytest

from bridges.slack.bridge import web_client
from bridges.slack.channels import Channels
from hub.relay.contract.errors import ConfigError
from tests.fakes.slack import BOT_TOKEN, FakeSlack


async def test_many_links_by_name_ask_for_the_list_once(slack: FakeSlack) -> None:
    names = [f"#room-{number}" for number in range(30)]
    for name in names:
        slack.create_channel(name, with_app=False)
    channels = Channels(web_client(BOT_TOKEN, slack.api_url))
    found = [await channels.resolve(name) for name in names]
    assert [channel.name for channel in found] == names
    assert len(slack.calls("conversations.list")) == 1
    assert len(slack.calls("conversations.join")) == 30
    assert slack.violations == {}


async def test_channel_that_is_made_later_is_found_at_once(slack: FakeSlack) -> None:
    channels = Channels(web_client(BOT_TOKEN, slack.api_url))
    with pytest.raises(ConfigError, match="no channel #later"):
        await channels.resolve("#later")
    later = slack.create_channel("#later")
    assert (await channels.resolve("later")).id == later.id
    assert later.id in {channel.id for channel in await channels.list()}
