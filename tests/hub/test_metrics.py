"""What Prometheus reads at /metrics, and who may."""

from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from airchat.protocol.principals import Kind, Role
from bridges.loopback.bridge import loopback_platform
from bridges.loopback.platform import LoopbackPlatform
from hub.app import running_hub
from hub.sections import LinkSection
from tests.hub.api.site import Site, settings_for
from tests.waiting import eventually

LINKS = (LinkSection(channel="general", platform="loopback", remote="lobby"),)


async def figures(session: aiohttp.ClientSession, url: str, **headers: str) -> tuple[int, dict[str, float]]:
    async with session.get(f"{url}/metrics", headers=headers) as answer:
        text = await answer.text()
        if answer.status != 200:
            return answer.status, {}
        families = text_string_to_metric_families(text)
        samples = [sample for family in families for sample in family.samples]
        return 200, {f"{it.name}{sorted(it.labels.values())}": it.value for it in samples}


async def test_figures_follow_what_the_hub_does(tmp_path: Path) -> None:
    rooms = LoopbackPlatform()
    settings = settings_for(tmp_path, http={"port": 0, "metrics": "loopback"}).model_copy(update={"links": LINKS})
    async with aiohttp.ClientSession() as session, running_hub(settings, platforms=[loopback_platform(rooms)]) as hub:
        await eventually(lambda: rooms.listeners)
        ann = await Site(hub, session).caller("ann")
        await ann.post("/api/v2/messages", {"channel": "general", "content": "@ann hello"})
        await eventually(lambda: rooms.posts)

        async def told() -> bool:
            _, found = await figures(session, hub.address)
            return found.get("airchat_relay_total['loopback', 'posted']") == 1

        await eventually(told)
        _, found = await figures(session, hub.address)
    assert found["airchat_bridge_state['loopback', 'running']"] == 1
    assert found["airchat_lane_depth['dead', 'loopback']"] == 0
    assert found["airchat_events_total['message.created']"] >= 1
    assert (found["airchat_streams[]"], found["airchat_irc_connections[]"], found["airchat_inbox_held[]"]) == (0, 0, 0)
    assert not [name for name in found if "general" in name or "lobby" in name]


@pytest.mark.parametrize(("metrics", "near"), [("admins", 401), ("loopback", 200), ("off", 404)])
async def test_figures_are_for_admins_and_for_this_machine_if_so_set(tmp_path: Path, metrics: str, near: int) -> None:
    async with (
        aiohttp.ClientSession() as session,
        running_hub(settings_for(tmp_path, http={"port": 0, "metrics": metrics})) as hub,
    ):
        site = Site(hub, session)
        member, admin = await site.caller("ann"), await site.caller("root", kind=Kind.PERSON, role=Role.ADMIN)
        assert (await figures(session, hub.address))[0] == near
        if metrics == "off":
            return
        proxied = {"X-Forwarded-For": "198.51.100.7"}
        assert (await figures(session, hub.address, **proxied))[0] == 401
        assert (await figures(session, hub.address, **proxied, Authorization=f"Bearer {member.key}"))[0] == 403
        assert (await figures(session, hub.address, **proxied, Authorization=f"Bearer {admin.key}"))[0] == 200
