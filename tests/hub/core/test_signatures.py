from pathlib import Path
from urllib.parse import parse_qs

import pytest

from airchat.protocol.errors import Forbidden
from airchat.protocol.timestamps import HOUR, SECOND
from hub.core.signatures import Signatures, load_secret
from tests.hub.core.fakes import START

PATH = "general/1-a.txt"


def query(signatures: Signatures) -> tuple[int, str]:
    fields = parse_qs(signatures.sign(PATH, START))
    return int(fields["expires"][0]), fields["signature"][0]


def test_signature_opens_its_path_for_an_hour() -> None:
    signatures = Signatures(b"secret")
    expires, signature = query(signatures)
    assert expires == START // SECOND + 3600
    signatures.check(PATH, expires, signature, START + HOUR - 1)
    with pytest.raises(Forbidden, match="not valid any more"):
        signatures.check(PATH, expires, signature, START + HOUR)


def test_changed_queries_are_refused() -> None:
    signatures = Signatures(b"secret")
    expires, signature = query(signatures)
    for path, until, given in (
        ("general/2-b.txt", expires, signature),
        (PATH, expires + 1, signature),
        (PATH, -1, signature),
        (PATH, expires, ""),
        (PATH, expires, "\ud800"),
        (PATH, expires, signature.upper()),
        (PATH, expires, query(Signatures(b"other"))[1]),
    ):
        with pytest.raises(Forbidden):
            signatures.check(path, until, given, START)


def test_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "files.key"
    secret = load_secret(path)
    assert (len(secret), load_secret(path), path.stat().st_mode & 0o777) == (32, secret, 0o600)


def test_damaged_secret_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "files.key"
    path.write_bytes(b"")
    with pytest.raises(ValueError, match="does not hold a secret"):
        load_secret(path)
