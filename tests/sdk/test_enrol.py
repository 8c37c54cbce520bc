from pathlib import Path

import pytest

from airchat import AirChatClient, AirChatConfigError, AirChatForbidden
from airchat.enrol import join, parse_target
from airchat.identity import create_machine_key, public_key
from tests.sdk.server import StubHub


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("abcd-EFGH@hub", "http://hub:3003"),
        ("ABCD-EFGH@10.0.0.1:80", "http://10.0.0.1:80"),
        ("ABCD-EFGH@https://hub.example/base/", "https://hub.example/base"),
        ("ABCD-EFGH@[::1]:3003", "http://[::1]:3003"),
    ],
)
def test_target_names_code_and_hub(text: str, url: str) -> None:
    assert parse_target(text) == ("ABCD-EFGH", url)


@pytest.mark.parametrize("text", ["", "ABCD", "ABCD@", "@hub", "A B@hub", "ABCD@ftp://hub"])
def test_target_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(AirChatConfigError, match="must look like"):
        parse_target(text)


def test_enrolled_machine_can_register_agents(stub: StubHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "second"))
    stub.codes["AB-CD"] = "open"
    enrolment = join("AB-CD", stub.url, machine_name="second")
    assert (enrolment.machine_name, enrolment.web_url) == ("second", stub.url)
    assert stub.machines["second"] == public_key(create_machine_key(tmp_path / "second" / ".airchat"))
    with AirChatClient.from_config(project="x") as client:
        assert client.send_message("general", "hi").author_name == "second-x"


def test_used_code_is_refused_and_nothing_is_written(stub: StubHub, tmp_path: Path) -> None:
    with pytest.raises(AirChatForbidden, match="403: The code is unknown"):
        join("AB-CD", stub.url, machine_name="second", home=tmp_path / "second")
    assert not (tmp_path / "second" / "config").exists()


def test_machine_of_another_hub_is_not_taken_away_by_mistake(stub: StubHub, machine_home: Path) -> None:
    with pytest.raises(AirChatConfigError, match=f"belongs to the hub at {stub.url}.*--replace"):
        join("AB-CD", "http://other:3003")
