"""Secrets are found and nothing else; none of the values here is one."""

import random
import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.redaction import possible_keys, redact, redact_bytes, redact_values

HEX = "0123456789abcdef" * 4
MIXED = "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3kL5mN7pQ9r"
BEGIN, END = "-----BEGIN", "-----END"  # apart, for a check that looks for keys in the repository
BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n" * 3

SECRETS = [
    ("AWS key", "AKIA" + "IOSFODNN7EXAMPLE"),
    ("AWS key", "ASIA" + "Y34FZKBOKMUTVV7A"),
    ("Google key", "AIza" + MIXED[:35]),
    ("Google secret", "GOCSPX-" + MIXED[:28]),
    ("Google token", "ya29." + MIXED[:40]),
    *[("GitHub token", f"gh{letter}_" + MIXED[:36]) for letter in "pousr"],
    ("GitHub token", "github_pat_" + MIXED[:22] + "_" + MIXED[:30]),
    ("GitLab token", "glpat-" + MIXED[:20]),
    ("Slack token", "xoxb-" + "123456789012-1234567890123-" + MIXED[:24]),
    ("Slack token", "xapp-1-A012345-" + MIXED[:30]),
    ("API key", "sk-ant-api03-" + MIXED[:50]),
    ("API key", "sk-proj-" + MIXED[:48]),
    ("API key", "sk-" + MIXED[:48]),
    ("Stripe key", "sk_live_" + MIXED[:24]),
    ("Stripe key", "rk_test_" + MIXED[:24]),
    ("Stripe secret", "whsec_" + MIXED[:32]),
    ("npm token", "npm_" + MIXED[:36]),
    ("PyPI token", "pypi-" + MIXED[:55]),
    ("Hugging Face token", "hf_" + MIXED[:34]),
    ("SendGrid key", "SG." + MIXED[:22] + "." + MIXED[:43]),
    ("bot token", "123456789:AA" + MIXED[:33]),
    ("JSON web token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0." + MIXED[:43]),
    ("AirChat token", "act_" + HEX),
    ("private key", f"{BEGIN} PRIVATE KEY-----\n{BODY}{END} PRIVATE KEY-----"),
    ("private key", f"{BEGIN} OPENSSH PRIVATE KEY-----\n{BODY}{END} OPENSSH PRIVATE KEY-----"),
    ("private key", f"{BEGIN} PGP PRIVATE KEY BLOCK-----\n{BODY}{END} PGP PRIVATE KEY BLOCK-----"),
]
WITHIN = [
    ("AWS secret", "aws_secret_access_key = ", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "\n"),
    ("AWS secret", 'AWS_SECRET_ACCESS_KEY="', "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", '"'),
    ("AWS secret", '{"secretAccessKey": "', "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", '"}'),
    ("bearer token", "Authorization: Bearer ", MIXED[:32], ""),
    ("bearer token", "curl -H 'authorization: bearer ", MIXED[:30] + "==", "' x"),
    ("Slack webhook", "https://hooks.slack.com/services/", "T00000000/B00000000/" + MIXED[:24], " ok"),
    ("Discord webhook", "https://discord.com/api/webhooks/1234567890/", MIXED + "_-" + MIXED[:10], ""),
    ("password in a URL", "postgresql://app:", "hunter2!", "@db.internal/app"),
    ("password in a URL", "https://x-access-token:", MIXED[:20], "@github.com/a/b.git"),
]
HARMLESS = [
    "commit 3f786850e387550fdab836ed7e6dc881de23001b fixes it",
    f"sha256 {HEX}",
    "019b76da-a800-7ec8-bfb1-c773c513ab85",
    "[approval 1a2b3c4d] May Bash run this?",
    "the key is under the mat; sk-learn is a typo of sklearn",
    "sk-" + "a" * 48,
    "pip install airchat-sdk[cli] # see https://example.org:8080/a@b",
    "mail ann@example.org or ssh://git@example.org/repo.git",
    "postgresql://user:password@localhost/db and https://user:<password>@host and redis://:$SECRET@host:6379",
    "bearer of bad news: authentication-is-broken-again-today",
    "Bearer <token>",
    "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----",
    "-----BEGIN CERTIFICATE-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END CERTIFICATE-----",
    "PRIVATE KEY handling is in docs/security.md",
    "AKIA is how they begin, ghp_ too, and eyJ, xoxb-, hf_ and act_",
    "AKIAIOSFODNN7EXAMPLEANDMORE",
    "const token = process.env.GITHUB_TOKEN; // ghp_xxx",
    "eyJhbGciOiJIUzI1NiJ9 alone is a header",
    "secret_key = os.environ['SECRET_KEY']",
    "https://hooks.slack.com/services/",
    "git://host:1234/path and wss://a.b:443/x?y=@z",
    "MASIA, ASIAN cuisine, GASIATICS",
    "",
]


@pytest.mark.parametrize(("kind", "secret"), SECRETS)
@pytest.mark.parametrize("around", ["{}", "it is {}, ok?", "KEY={}\n", '"{}"', "`{}`", "see\n{}\nthere"])
def test_secret_is_replaced_wherever_it_stands(kind: str, secret: str, around: str) -> None:
    redacted = redact(around.format(secret))
    assert (redacted.text, redacted.kinds) == (around.format(f"[redacted: {kind}]"), (kind,))


@pytest.mark.parametrize(("kind", "before", "secret", "after"), WITHIN)
def test_secret_is_replaced_and_what_says_so_stays(kind: str, before: str, secret: str, after: str) -> None:
    assert redact(f"x {before}{secret}{after}").text == f"x {before}[redacted: {kind}]{after}"


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_stays(text: str) -> None:
    assert redact(text) == redact(text).__class__(text)


def test_private_key_without_an_end_is_replaced_to_the_end() -> None:
    text = f"here:\n{BEGIN} RSA PRIVATE KEY-----\n{BODY}"
    assert redact(text).text == "here:\n[redacted: private key]"


def test_several_secrets_are_each_replaced_and_told_once() -> None:
    token, key = SECRETS[5][1], SECRETS[0][1]
    redacted = redact(f"{token} {key} {token}")
    assert redacted.text == "[redacted: GitHub token] [redacted: AWS key] [redacted: GitHub token]"
    assert sorted(redacted.kinds) == ["AWS key", "GitHub token"]


def test_values_of_data_are_redacted_and_names_are_not() -> None:
    token = SECRETS[5][1]
    data = {"a": [1, None, f"x {token}"], token: {"deep": token}, "b": True}
    assert redact_values(data) == (
        {"a": [1, None, "x [redacted: GitHub token]"], token: {"deep": "[redacted: GitHub token]"}, "b": True},
        ("GitHub token",),
    )


def test_files_are_redacted_when_they_are_text() -> None:
    token = SECRETS[5][1].encode()
    assert redact_bytes(b"GH=" + token) == (b"GH=[redacted: GitHub token]", ("GitHub token",))
    for data in (b"\0" + token, b"\xff" + token, b"plain \xc3\xa4", token + b" " * 1024 * 1024):
        assert redact_bytes(data) == (data, ())


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200), st.sampled_from(SECRETS), st.text(max_size=200))
def test_secret_is_never_left_between_blanks(before: str, secret: tuple[str, str], after: str) -> None:
    text = redact(f"{before} {secret[1]} {after}").text
    assert secret[1] not in text


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=string.ascii_lowercase + " .,;:!?\n'()", max_size=400))
def test_prose_stays(text: str) -> None:
    assert redact(text).text == text


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=100), st.sampled_from([secret for _, secret in SECRETS]))
def test_redacted_text_stays_as_it_is(text: str, secret: str) -> None:
    once = redact(f"{text} {secret}").text
    assert redact(once).text == once


@pytest.mark.parametrize(
    "piece",
    [
        f"{BEGIN} RSA PRIVATE KEY-----",
        "-----BEGIN " + "A" * 20,
        "://a:",
        "://aaaaaa:bbbbbb@",
        "eyJaaaaaaaa.",
        "eyJ" + "a" * 40 + ".eyJ",
        "sk-ant-",
        "xoxb-1-",
        "bearer \t",
        "secret_key = '",
        "SG." + "a" * 16 + ".",
        "ghp_",
        "a" * 1000,
        "0123456789:AA",
        "discord.com/api/webhooks/123456",
    ],
)
def test_time_grows_with_the_text_alone(piece: str) -> None:
    """Eight times the text takes about eight times as long; the bound is far from that of a square."""

    def taken(size: int) -> float:
        text = piece * (size // len(piece))
        best = 1e9
        for _ in range(3):
            before = time.process_time()
            redact(text)
            best = min(best, time.process_time() - before)
        return best

    small, large = taken(32_000), taken(256_000)
    assert large < 30 * max(small, 0.0005)


def test_possible_keys_are_whole_words_of_64_digits() -> None:
    rng = random.Random(1)
    for length in range(200):
        before = "".join(rng.choice("abc ") for _ in range(length))
        assert possible_keys(f"{before} {HEX} x") == [HEX], length
    for text in (HEX + "0", HEX[:-1], "x" + HEX, "", "a b c " * 100, f"{HEX[:32]} {HEX[32:]}"):
        assert possible_keys(text) == []
    assert possible_keys(f"{HEX},{HEX}") == [HEX, HEX]
