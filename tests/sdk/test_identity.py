from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from airchat.errors import AirChatConfigError
from airchat.identity import (
    KeyFile,
    create_machine_key,
    derive_agent_name,
    load_private_key,
    make_private_folder,
    public_key,
    sign,
)
from airchat.protocol.signing import Registration

SEED = "c1881a80dc2977686b2aa45191964c95fb31f486195bda311f6fd90b46f870fe"
PUBLIC = "9e4ae8a6f1ba95c48b0f9849551886eb3ffb01afb96c1f7ac845e3edd2d62016"
SIGNATURE = "6o9Ltmp5MDMUf+dfLWimuXx93HG5p3cDfphmPod2KHQSzonoS2hwtsTYYjPIkvyXx54TmvDJhk1jbpGzcrKTCw=="
PEM = "-----BEGIN {0}-----\nx\n-----END {0}-----"


def key_file(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_signature_is_that_of_every_other_client() -> None:
    registration = Registration(
        machine_name="test-machine",
        agent_name="test-machine-myproject",
        derived_key_hash="e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        timestamp="2026-01-01T00:00:00Z",
        nonce="0" * 32,
    )
    assert sign(SEED, registration) == SIGNATURE
    assert public_key(SEED) == PUBLIC


def test_private_key_is_read_as_hex_and_as_pem(tmp_path: Path) -> None:
    pem = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(SEED)).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    assert load_private_key(key_file(tmp_path / "hex", f"{SEED.upper()}\n")) == SEED
    assert load_private_key(key_file(tmp_path / "pem", pem.decode())) == SEED


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o666])
def test_private_key_open_to_others_is_refused_with_the_fix(tmp_path: Path, mode: int) -> None:
    path = key_file(tmp_path / "machine.key", SEED, mode)
    with pytest.raises(AirChatConfigError, match=f"chmod 600 {path}"):
        load_private_key(path)


@pytest.mark.parametrize("text", ["", "no key", SEED[:-1], "é" * 64, PEM.format("PRIVATE KEY")])
def test_private_key_of_another_form_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(AirChatConfigError, match=r"machine\.key"):
        load_private_key(key_file(tmp_path / "machine.key", text))


def test_missing_private_key_is_refused_with_the_fix(tmp_path: Path) -> None:
    with pytest.raises(AirChatConfigError, match="airchat join CODE@HOST"):
        load_private_key(tmp_path / "machine.key")


def test_new_machine_key_is_private_and_kept(tmp_path: Path) -> None:
    home = tmp_path / ".airchat"
    key = create_machine_key(home)
    assert create_machine_key(home) == key == load_private_key(home / "machine.key")
    assert (home / "machine.pub").read_text() == f"{public_key(key)}\n"
    assert [oct(path.stat().st_mode & 0o777) for path in (home, home / "machine.key")] == ["0o700", "0o600"]


def test_private_folder_is_private_with_what_was_missing_above_it(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    folder = tmp_path / "state" / "runner" / "helper"
    for _ in range(2):
        make_private_folder(folder)
    made = (tmp_path, tmp_path / "state", folder.parent, folder)
    assert [oct(path.stat().st_mode & 0o777) for path in made] == ["0o755", "0o700", "0o700", "0o700"]


def test_agent_key_is_stored_private_and_exact(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "agents" / "box-x.key")
    assert file.load() is None
    file.save(SEED)
    assert file.path.read_bytes() == SEED.encode()
    assert file.load() == SEED
    assert [oct(path.stat().st_mode & 0o777) for path in (file.path.parent, file.path)] == ["0o700", "0o600"]
    assert list(file.path.parent.iterdir()) == [file.path]


@pytest.mark.parametrize(("text", "mode"), [("garbage", 0o600), (SEED.upper(), 0o600), (SEED, 0o644)])
def test_agent_key_that_is_none_or_was_readable_counts_as_missing(tmp_path: Path, text: str, mode: int) -> None:
    assert KeyFile(key_file(tmp_path / "a.key", text, mode)).load() is None


@pytest.mark.parametrize(
    ("machine", "project", "name"),
    [
        ("laptop", "myproject", "laptop-myproject"),
        ("Mac", "My_Project.v2  ", "mac-my-project-v2"),
        ("m", "x" * 200, "m-" + "x" * 98),
    ],
)
def test_agent_name_is_derived_as_other_clients_do(machine: str, project: str, name: str) -> None:
    assert derive_agent_name(machine, project) == name


def test_agent_name_takes_project_from_environment_then_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "Some_Folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert derive_agent_name("box") == "box-some-folder"
    monkeypatch.setenv("AIRCHAT_PROJECT", "elsewhere")
    assert derive_agent_name("box") == "box-elsewhere"


def test_agent_name_of_nothing_is_refused() -> None:
    with pytest.raises(AirChatConfigError, match="2-100 characters"):
        derive_agent_name("", "!!!")
