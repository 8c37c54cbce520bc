"""Rates: what the relay's budgets let through is within Slack's limits, however late it arrives there."""

import random

import pytest

from bridges.slack.platform import BUDGETS
from hub.relay.contract.platform import Call
from hub.relay.pace import Pace
from tests import virtual_time
from tests.bridges.traffic import Act, Killed, Way
from tests.fakes.slack import Settings
from tests.fakes.slack.limits import Limits

CHANNELS = [f"C{number}" for number in range(12)]
METHODS = {
    Call.POST: ("chat.postMessage", 50),
    Call.EDIT: ("chat.update", 50),
    Call.DELETE: ("chat.delete", 50),
    Call.REACT: ("reactions.remove", 20),
    Call.TOPIC: ("conversations.setTopic", 20),
    Call.FILE: ("files.completeUploadExternal", 100),
}


@pytest.mark.parametrize("seed", range(3))
def test_lanes_that_never_rest_keep_to_slacks_limits_whatever_is_late_and_killed(seed: int) -> None:
    chance = random.Random(seed)
    kinds = chance.choice([[Call.POST], [Call.POST, Call.POST, Call.EDIT], list(METHODS)])

    async def story() -> list[str]:
        way, limits = Way(chance), Limits(Settings(clock=virtual_time.now))

        async def make(call: Call, channel: str) -> None:
            method, tier = METHODS[call]
            await way.call(lambda: _arrive(limits, method, channel, tier))

        hub = Killed(lambda: Pace(BUDGETS, virtual_time.now), chance)
        await hub.live(400.0, CHANNELS, Act(lambda: chance.choice(kinds), make), most_starts=4)
        assert sum(map(len, hub.recorded.values())) > 300 or kinds == list(METHODS)
        return limits.broken

    assert virtual_time.run(story()) == []


def _arrive(limits: Limits, method: str, channel: str, tier: int) -> None:
    limits.check("A1", method, channel, tier)
