import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airchat.protocol.errors import HubError, InvalidInput, Unauthenticated
from hub.core.scram import (
    Challenge,
    ClientFirst,
    ScramKeys,
    challenge,
    derive_keys,
    parse_client_first,
    prepared,
    server_final,
)
from tests.hub.core.scram_client import ScramClient

# RFC 7677, 3
FIRST = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
SERVER_FIRST = f"r=rOprNGfwEbeRWgbNEkqO{SERVER_NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
FINAL = f"c=biws,r=rOprNGfwEbeRWgbNEkqO{SERVER_NONCE},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
SERVER_FINAL = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

SALT = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
KEYS = derive_keys("pencil", SALT, 4096)
NONCES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters=","), min_size=1)


def asked(message: str = FIRST, keys: ScramKeys = KEYS) -> Challenge:
    return challenge(parse_client_first(message), keys, SERVER_NONCE)


def test_example_of_the_standard() -> None:
    assert parse_client_first(FIRST) == ClientFirst("n,,", "user", "rOprNGfwEbeRWgbNEkqO", FIRST[3:])
    assert asked().text == SERVER_FIRST
    assert server_final(asked(), FINAL) == SERVER_FINAL


def test_keys_are_kept_as_text() -> None:
    assert ScramKeys.parse(str(KEYS)) == KEYS
    assert str(KEYS).startswith("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$")
    for broken in ("", "SCRAM-SHA-1$4096:AA==$AA==:AA==", "SCRAM-SHA-256$x:AA==$AA==:AA=="):
        with pytest.raises(ValueError, match=r"."):
            ScramKeys.parse(broken)


def test_few_iterations_are_refused() -> None:
    with pytest.raises(ValueError, match="4096"):
        derive_keys("pencil", SALT, 4095)


@given(st.text(min_size=1, max_size=600), NONCES, NONCES, st.sampled_from(["n,,", "y,,"]))
def test_whoever_knows_the_password_gets_in(name: str, nonce: str, server_nonce: str, header: str) -> None:
    client = ScramClient(name, b"pencil", nonce, header)
    first = parse_client_first(client.first)
    sent = challenge(first, KEYS, server_nonce)
    assert first.name == name
    assert client.proves(server_final(sent, client.final(sent.text)))


@given(st.binary(max_size=40))
def test_whoever_does_not_stays_out(password: bytes) -> None:
    client = ScramClient("user", password)
    if password != b"pencil":
        with pytest.raises(Unauthenticated):
            server_final(asked(client.first), client.final(SERVER_FIRST))


@given(st.integers(min_value=0, max_value=32 * 8 - 1))
def test_each_bit_of_the_proof_counts(bit: int) -> None:
    begun, proof = FINAL.split(",p=")
    changed = bytearray(base64.b64decode(proof))
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unauthenticated):
        server_final(asked(), f"{begun},p={base64.b64encode(changed).decode()}")


@pytest.mark.parametrize(
    "message",
    [
        "",
        "n",
        "n,,n=user",
        "n,,r=abc,n=user",
        "n,,n=,r=abc",
        "n,,n=user,r=",
        "n,,n=user,r=a b",
        "n,,n=a=2Xb,r=abc",
        "n,,n=a=,r=abc",
        "x,,n=user,r=abc",
        "p=tls-unique,,n=user,r=abc",
        "n,a=other,n=user,r=abc",
        "n,,m=ext,n=user,r=abc",
    ],
)
def test_other_first_messages_are_refused(message: str) -> None:
    with pytest.raises(InvalidInput):
        parse_client_first(message)


def test_own_identity_may_be_named_twice() -> None:
    assert parse_client_first("n,a=user,n=user,r=abc").header == "n,a=user,"


@pytest.mark.parametrize(
    "message",
    [
        "",
        FINAL.partition(",p=")[0],
        FINAL.replace("c=biws", "c=eSws"),
        FINAL.replace("c=biws", "c=*"),
        FINAL.replace("c=biws,", ""),
        FINAL.replace("r=rO", "r=rP"),
        FINAL[:-8],
        FINAL + "AAAA",
        "c=biws,r=\u00e9,p=AAAA",
    ],
)
def test_last_messages_that_belong_elsewhere_are_refused(message: str) -> None:
    with pytest.raises(InvalidInput):
        server_final(asked(), message)


@given(st.text(), st.text())
def test_nothing_that_is_sent_breaks_it(first: str, final: str) -> None:
    for work in (lambda: parse_client_first(first), lambda: server_final(asked(), final)):
        try:
            work()
        except HubError:
            continue


@pytest.mark.parametrize(
    ("password", "bytes_used"),
    [
        ("pencil", b"pencil"),
        ("I\u00adX", b"IX"),  # the examples of RFC 4013, 3
        ("\u00aa", b"a"),
        ("\u2168", b"IX"),
        ("a\u00a0b", b"a b"),
        ("\u0007", b"\x07"),  # forbidden: used as they are
        ("\u0627\u0031", "\u0627\u0031".encode()),
        ("\u00ad", "\u00ad".encode()),
        ("\u20ac" * 200, "\u20ac".encode() * 200),
    ],
)
def test_passwords_are_prepared_as_clients_do(password: str, bytes_used: bytes) -> None:
    assert prepared(password) == bytes_used
