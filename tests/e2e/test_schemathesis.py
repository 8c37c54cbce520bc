"""The API keeps what its own description promises, whatever schemathesis asks."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.e2e.callers import Caller, Line, enrol
from tests.hub_process import UNLIMITED, HubProcess

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

EXAMPLES = 15
STREAM = "/api/v2/stream"  # has no end
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
async def test_api_is_as_described(mode: GenerationMode, tmp_path: Path, session: aiohttp.ClientSession) -> None:
    with HubProcess(tmp_path, UNLIMITED | {"AUTH__ADMIN_SECRET": "open sesame"}) as hub:
        line = Line(session, hub.url)
        caller = await (await enrol(hub, line)).register(line, "anvil-1")
        known = await known_places(caller) if mode is GenerationMode.POSITIVE else {}
        asked, failures = await asyncio.to_thread(ask_everything, hub.url, caller.key, mode, known)
        assert not failures, "\n\n".join(failures)
        assert asked > 20 * EXAMPLES
        assert await asyncio.to_thread(hub.stop) == 0
    assert "Traceback" not in hub.log


async def known_places(caller: Caller) -> dict[str, dict[str, str]]:
    """Make something of each kind; return the parameters that lead there, by the beginning of the path."""
    message = {"channel": "general", "content": "Hello"}
    sent, kept = [(await caller.ask("POST", "/api/v2/messages", message)).data["message"]["id"] for _ in range(2)]
    for text in ("Yes", "No"):
        await caller.ask("POST", "/api/v2/messages", message | {"content": text, "parent_message_id": sent})
    task = (await caller.ask("POST", "/api/v2/tasks", {"channel": "general", "title": "Try"})).data["task"]["id"]
    return {
        "/api/v2/messages/{id}/reactions": {"id": kept, "emoji": "\N{THUMBS UP SIGN}"},
        "/api/v2/messages/{id}/pin": {"id": kept},
        "/api/v2/messages/{id}": {"id": sent},
        "/m/{id}": {"id": sent},
        "/api/v2/tasks/{id}": {"id": task},
        "/api/v2/channels/{name}": {"name": "general"},
    }


def ask_everything(url: str, key: str, mode: GenerationMode, known: dict[str, dict[str, str]]) -> tuple[int, list[str]]:
    """Ask every operation, with the values that its description allows or with others.

    `known` gives the parameters of paths with a certain beginning.
    Returns how often it asked, and what was not as described.
    """
    asked, failures = 0, []
    for found in schemathesis.openapi.from_url(f"{url}/openapi.json").get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if operation.path == STREAM:
            continue

        place = next((values for start, values in known.items() if operation.path.startswith(start)), None)

        @settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode, path_parameters=place))
        def ask(case: Case[Any]) -> None:
            nonlocal asked
            asked += 1
            case.call_and_validate(headers={"x-agent-api-key": key}, checks=CHECKS, timeout=30)

        try:
            ask()
        except Unsatisfiable:
            pass  # there is nothing to get wrong about it
        except (FailureGroup, Exception) as error:  # noqa: BLE001 - the other operations are asked, too
            failures.append(f"{operation.label}: {error}"[:2000])
    return asked, failures
