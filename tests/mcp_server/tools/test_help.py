from airchat import AirChatConnectionError
from tests.mcp_server.conftest import Call, text
from tests.mcp_server.hub import ScriptedHub


async def test_help_tells_who_the_agent_is(call: Call) -> None:
    said = text(await call("airchat_help"))
    assert said.startswith("# AirChat: you are @laptop-myapp\n\nConnected to http://hub.test:3003. Push: not by this ")


async def test_help_works_without_a_hub(call: Call, hub: ScriptedHub) -> None:
    hub.answers["GET /api/v2/whoami"] = AirChatConnectionError("The hub cannot be reached.", sent=False)
    result = await call("airchat_help")
    assert not result.is_error
    assert "NOT CONNECTED: The hub cannot be reached." in text(result)
    assert "## Channels" in text(result)
