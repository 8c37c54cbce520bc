"""How agents name their modes: Gemini CLI 0.61 apart from its options, OpenCode 1.18 among them."""

from typing import Any, cast

import pytest
from acp import schema
from acp.client.connection import ClientSideConnection

from runner.harness.acp_modes import set_mode
from runner.harness.port import NotStarted, PermissionMode

GEMINI = {"modes": {"availableModes": [{"id": mode, "name": mode} for mode in ("default", "autoEdit", "yolo", "plan")]}}
OPTION = {"type": "select", "id": "mode", "name": "Mode", "category": "mode", "currentValue": "build"}
OPENCODE = {"configOptions": [OPTION | {"options": [{"value": "build", "name": "b"}, {"value": "plan", "name": "p"}]}]}


class Agent:
    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []

    async def set_session_mode(self, mode_id: str, session_id: str) -> None:
        self.told.append((mode_id,))

    async def set_config_option(self, config_id: str, session_id: str, value: str) -> None:
        self.told.append((config_id, value))


async def told(mode: PermissionMode, answer: dict[str, Any]) -> list[tuple[str, ...]]:
    modes = {"currentModeId": "default", **answer["modes"]} if "modes" in answer else None
    begun = schema.NewSessionResponse.model_validate({"sessionId": "1", **answer, "modes": modes})
    agent = Agent()
    await set_mode(cast("ClientSideConnection", agent), "1", begun, mode)
    return agent.told


@pytest.mark.parametrize(
    ("mode", "answer", "expected"),
    [
        ("dontAsk", GEMINI, [("default",)]),
        ("acceptEdits", GEMINI, [("autoEdit",)]),
        ("bypassPermissions", GEMINI, [("yolo",)]),
        ("plan", GEMINI, [("plan",)]),
        ("plan", OPENCODE, [("mode", "plan")]),
        ("default", OPENCODE, []),
        ("default", {}, []),
    ],
)
async def test_mode_is_found_by_the_agents_own_name(
    mode: PermissionMode, answer: dict[str, Any], expected: list[tuple[str, ...]]
) -> None:
    assert await told(mode, answer) == expected


@pytest.mark.parametrize(("answer", "known"), [(OPENCODE, "it has build, plan"), ({}, "it has none")])
async def test_agent_without_a_mode_that_would_hold_it_is_not_started(answer: dict[str, Any], known: str) -> None:
    with pytest.raises(NotStarted, match=known):
        await told("acceptEdits", answer)
