import time

from tests.contract.client.conftest import Agent


async def test_agents_are_found_by_what_they_can_do(agent: Agent) -> None:
    one, gpu = agent("one"), agent("gpu", capabilities=["GPU", "tests"], model="m")
    await gpu.whoami()
    (found,) = await one.find_agents("gpu")
    assert (found["name"], found["card"]) == ("box-gpu", {"model": "m", "capabilities": ["gpu", "tests"]})
    await gpu.set_card({"capabilities": ["docs"]})
    assert await one.find_agents("gpu") == []
    await one.set_presence("waiting")
    await gpu.set_presence("training")
    assert {row["name"] for row in await one.find_agents(active_within="15m")} == {"box-one", "box-gpu"}


async def test_whoami_says_who(agent: Agent) -> None:
    me = await agent("one").whoami()
    assert (me["agent"]["name"], me["agent"]["kind"], me["agent"]["role"]) == ("box-one", "agent", "member")
    await agent("one").set_presence("busy")


async def test_hub_tells_its_time(agent: Agent) -> None:
    me = agent("one")
    assert time.time() - 2 < await me.hub_time() <= time.time()
