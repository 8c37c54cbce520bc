"""A home of each test's own, and a stub hub that knows its machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from airchat.client import AirChatClient
from airchat.config import AirChatConfig, write_config
from airchat.identity import create_machine_key, public_key
from tests.sdk.server import StubHub, running_stub


@pytest.fixture
def machine_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path / ".airchat"


@pytest.fixture
def stub(machine_home: Path) -> Iterator[StubHub]:
    """A running stub hub at which the machine `box` is enrolled, in the configuration too."""
    with running_stub() as stub:
        stub.machines["box"] = public_key(create_machine_key(machine_home))
        write_config(machine_home, {"AIRCHAT_WEB_URL": stub.url, "MACHINE_NAME": "box"})
        yield stub


@pytest.fixture
def config(stub: StubHub, machine_home: Path) -> AirChatConfig:
    return AirChatConfig(stub.url, "box", create_machine_key(machine_home), home=machine_home)


@pytest.fixture
def client(config: AirChatConfig) -> Iterator[AirChatClient]:
    with AirChatClient(config, project="x", patience=3.0) as client:
        yield client
