"""Commands while the hub runs on the same store: it hears of what they changed at once."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from airchat import AirChatClient, AirChatError
from airchat.config import load_config
from airchat.enrol import join
from tests.hub_process import HubProcess
from tests.waiting import SECONDS

pytestmark = pytest.mark.slow

SOON_SECONDS = 5.0


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HubProcess]:
    settings = {"STORE__URL": request.getfixturevalue("postgres_url")} if request.param == "postgres" else {}
    with HubProcess(tmp_path, settings) as hub:
        yield hub


def ask(hub: HubProcess, secret: str, path: str, body: dict[str, Any] | None = None) -> int:
    """The status of a request."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{hub.url}/api/v2{path}", data, headers)  # noqa: S310 - the hub under test
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as reply:  # noqa: S310 - the hub under test
            return int(reply.status)
    except urllib.error.HTTPError as error:
        return error.code


def soon(wanted: int, status: Callable[[], int | None]) -> None:
    """Assert that the status becomes the wanted one long before caches expire by themselves."""
    deadline = time.monotonic() + SOON_SECONDS
    while (last := status()) != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    assert last == wanted


def test_running_hub_hears_of_every_change(hub: HubProcess) -> None:
    hub.admin("people", "add", "ada", "--role", "member")
    token = hub.admin("tokens", "create", "ada", "test")
    secret = token["secret"]
    assert ask(hub, secret, "/messages", {"channel": "general", "content": "hello"}) == 200

    hub.admin("channels", "archive", "general")
    soon(409, lambda: ask(hub, secret, "/messages", {"channel": "general", "content": "closed"}))
    hub.admin("channels", "unarchive", "general")
    soon(200, lambda: ask(hub, secret, "/messages", {"channel": "general", "content": "open"}))

    assert ask(hub, secret, "/machines") == 403
    hub.admin("people", "role", "ada", "admin")
    soon(200, lambda: ask(hub, secret, "/machines"))

    hub.admin("tokens", "revoke", token["id"])
    soon(401, lambda: ask(hub, secret, "/board"))


def test_revoked_machine_and_deactivated_agent_are_shut_out(hub: HubProcess, tmp_path: Path) -> None:
    joined = join(hub.invite("laptop"), hub.url, machine_name="laptop", home=tmp_path / "home")
    config = load_config(config_path=str(joined.config_path))
    with AirChatClient(config, project="web") as web, AirChatClient(config, project="api") as api:
        web.send_message("general", "hello")
        api.send_message("general", "hello")
        assert {row["name"] for row in hub.admin("agents", "list")} == {"laptop-web", "laptop-api"}

        assert hub.admin("agents", "deactivate", "laptop-web")["active"] is False
        refused_soon(web)
        api.send_message("general", "still here")
        assert hub.admin("agents", "activate", "laptop-web")["active"] is True
        web.send_message("general", "again")

        hub.admin("machines", "revoke", "laptop")
        refused_soon(web)
        refused_soon(api)


def refused_soon(client: AirChatClient) -> None:
    def status() -> int | None:
        try:
            client.whoami()
        except AirChatError as error:
            return error.status
        return 200

    soon(403, status)


def test_hub_and_commands_write_at_the_same_time(hub: HubProcess) -> None:
    hub.admin("people", "add", "ada", "--role", "owner")
    secret = hub.admin("tokens", "create", "ada", "test")["secret"]
    statuses: list[int] = []
    done = threading.Event()

    def post() -> None:
        while not done.is_set():
            statuses.append(ask(hub, secret, "/messages", {"channel": "general", "content": "busy"}))

    thread = threading.Thread(target=post)
    thread.start()
    try:
        for number in range(3):
            hub.admin("channels", "create", f"project-{number}")
    finally:
        done.set()
        thread.join()
    assert set(statuses) <= {200, 429}
    messages = {row["name"]: row["messages"] for row in hub.admin("channels", "list")}
    assert messages["general"] == statuses.count(200) > 5
    assert {f"project-{number}" for number in range(3)} <= messages.keys()
