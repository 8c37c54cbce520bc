"""Redaction: secrets that somebody wrote into a text by mistake are replaced before the text is stored.

Ordinary texts hold none of the few short marks that every known kind of secret has; they cost a handful of searches.
Every pattern takes time in proportion to the text, whatever that is: repetitions are bounded, or end where they can.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from airchat.protocol.record import record

SPARED = "redact"
"""The key in a channel's metadata that is False where secrets stay."""

_WORD = r"[A-Za-z0-9_-]"
_START = r"(?<![A-Za-z0-9_-])"
_END = r"(?![A-Za-z0-9_-])"
_LARGE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of secret: what people call it, what one of its marks a text must hold, and how it looks.

    Where the pattern has a group, that alone is the secret. `real` tells secrets from what merely looks like one.
    """

    name: str
    marks: tuple[str, ...]
    pattern: re.Pattern[str]
    real: Callable[[str], bool] = lambda _: True

    def replace(self, match: re.Match[str]) -> str:
        """Return what a match is replaced by."""
        whole, group = match[0], 1 if self.pattern.groups else 0
        secret, start = match[group], match.start(group) - match.start()
        if not self.real(secret):
            return whole
        return f"{whole[:start]}[redacted: {self.name}]{whole[start + len(secret) :]}"


def _kind(name: str, marks: str, pattern: str, real: Callable[[str], bool] = lambda _: True) -> _Kind:
    return _Kind(name, tuple(marks.split("|")), re.compile(pattern), real)


def _is_mixed(text: str) -> bool:
    """Tell whether there are letters and digits, as in anything that a machine made up."""
    return any(char.isdigit() for char in text) and any(char.isalpha() for char in text)


def _is_no_example(text: str) -> bool:
    """Tell whether a password is none of those that documentation has in its place."""
    return text.strip("<>*x.").lower() not in _EXAMPLES and not text.startswith(("$", "{", "%"))


_RARE = "_-:.@"
"""Characters that many texts lack: where one of them does, the marks that need it are not looked for."""


def _needed(mark: str) -> str:
    """Return the rare character without which there is no secret of that mark."""
    return "@" if mark == "://" else next((char for char in _RARE if char in mark), "")


_EXAMPLES = frozenset({"", "pass", "passwd", "password", "secret", "your-password", "changeme", "example"})
_PEM = r"[A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
_LABEL = r"""(?i:secret_?(?:access_?)?key)["']?\s{0,3}[=:]\s{0,3}["']?"""

_KINDS = (
    _kind("private key", "PRIVATE KEY", rf"(?s)-----BEGIN {_PEM}(?:.*?-----END {_PEM}|.*\Z)"),
    _kind("AWS key", "AKIA|ASIA", rf"{_START}(?:AKIA|ASIA)[A-Z0-9]{{16}}{_END}"),
    _kind("AWS secret", "ecret|ECRET", rf"{_LABEL}([A-Za-z0-9/+]{{40}})(?![A-Za-z0-9/+=])", _is_mixed),
    _kind("Google key", "AIza", rf"{_START}AIza{_WORD}{{35}}"),
    _kind("Google secret", "GOCSPX-", rf"{_START}GOCSPX-{_WORD}{{28}}"),
    _kind("Google token", "ya29.", rf"{_START}ya29\.{_WORD}{{20,}}"),
    _kind("GitHub token", "ghp_|gho_|ghu_|ghs_|ghr_", rf"{_START}gh[pousr]_[A-Za-z0-9]{{36,}}{_END}"),
    _kind("GitHub token", "github_pat_", rf"{_START}github_pat_[A-Za-z0-9_]{{40,}}{_END}"),
    _kind("GitLab token", "glpat-", rf"{_START}glpat-{_WORD}{{20,}}"),
    _kind("Slack token", "xox", rf"{_START}xox[abeoprs]-{_WORD}{{10,}}", _is_mixed),
    _kind("Slack token", "xapp-", rf"{_START}xapp-\d-{_WORD}{{10,}}", _is_mixed),
    _kind("Slack webhook", "hooks.slack.com", r"hooks\.slack\.com/(?:services|workflows)/([A-Za-z0-9/]{20,})"),
    _kind("Discord webhook", "/webhooks/", rf"discord(?:app)?\.com/api/webhooks/\d{{5,20}}/({_WORD}{{60,}})"),
    _kind("API key", "sk-", rf"{_START}sk-(?:ant|proj|svcacct|admin|or)-{_WORD}{{20,}}{_END}", _is_mixed),
    _kind("API key", "sk-", rf"{_START}sk-[A-Za-z0-9]{{32,}}{_END}", _is_mixed),
    _kind("Stripe key", "k_live_|k_test_", rf"{_START}[srp]k_(?:live|test)_[A-Za-z0-9]{{16,}}"),
    _kind("Stripe secret", "whsec_", rf"{_START}whsec_[A-Za-z0-9+/]{{24,}}"),
    _kind("npm token", "npm_", rf"{_START}npm_[A-Za-z0-9]{{36}}{_END}"),
    _kind("PyPI token", "pypi-", rf"{_START}pypi-{_WORD}{{50,}}{_END}"),
    _kind("Hugging Face token", "hf_", rf"{_START}hf_[A-Za-z0-9]{{30,}}{_END}"),
    _kind("SendGrid key", "SG.", rf"{_START}SG\.{_WORD}{{16,64}}\.{_WORD}{{32,}}"),
    _kind("bot token", ":AA", rf"{_START}\d{{8,10}}:AA{_WORD}{{32,}}"),
    _kind("JSON web token", "eyJ", rf"{_START}eyJ{_WORD}{{8,}}\.eyJ{_WORD}{{8,}}\.{_WORD}{{16,}}"),
    _kind("AirChat token", "act_", rf"{_START}act_[0-9a-f]{{64}}{_END}"),
    _kind("bearer token", "earer|EARER", r"(?i:bearer)[ \t]{1,3}([A-Za-z0-9._~+/-]{20,}={0,2})", _is_mixed),
    _kind("password in a URL", "://", r"://[^\s/?#:@]{0,100}:([^\s/?#@\[\]]{3,200})@(?=[A-Za-z0-9\[])", _is_no_example),
)
_BY_MARK = {mark: tuple(kind for kind in _KINDS if mark in kind.marks) for kind in _KINDS for mark in kind.marks}
_GROUPS = tuple((char, tuple(mark for mark in _BY_MARK if _needed(mark) == char)) for char in ("", *_RARE))
_HASH = re.compile(rf"{_START}[0-9a-f]{{64}}{_END}")


@record
class Redacted:
    """A text without its secrets, and the kinds of those, each once."""

    text: str
    kinds: tuple[str, ...] = ()


def redact(text: str) -> Redacted:
    """Return the text with `[redacted: kind]` for each secret in it."""
    found = [mark for char, marks in _GROUPS if char in text for mark in marks if mark in text]
    if not found:
        return Redacted(text)
    kinds: list[str] = []
    for kind in dict.fromkeys(kind for mark in found for kind in _BY_MARK[mark]):
        changed = kind.pattern.sub(kind.replace, text)
        if changed != text:
            kinds.append(kind.name)
            text = changed
    return Redacted(text, tuple(dict.fromkeys(kinds)))


def redact_values(value: Any) -> tuple[Any, tuple[str, ...]]:
    """Return JSON-like data with the texts in it redacted, but for the names of fields, and the kinds of secrets."""
    if isinstance(value, str):
        redacted = redact(value)
        return redacted.text, redacted.kinds
    if isinstance(value, dict):
        pairs = [(key, *redact_values(each)) for key, each in value.items()]
        return {key: each for key, each, _ in pairs}, _together(kinds for _, _, kinds in pairs)
    if isinstance(value, list):
        items = [redact_values(each) for each in value]
        return [each for each, _ in items], _together(kinds for _, kinds in items)
    return value, ()


def redact_bytes(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return what a file holds, redacted when it is text of at most a megabyte."""
    if len(data) > _LARGE or b"\0" in data:
        return data, ()
    try:
        redacted = redact(data.decode())
    except UnicodeDecodeError:
        return data, ()
    return (redacted.text.encode(), redacted.kinds) if redacted.kinds else (data, ())


def possible_keys(text: str) -> list[str]:
    """Return the words that could be keys of agents: 64 hexadecimal digits, as many hashes are."""
    for start in range(0, len(text) - 32, 32):
        if text[start : start + 32].isalnum():  # a stretch without blanks is within each of them
            return _HASH.findall(text)
    return []


def _together(kinds: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(kind for each in kinds for kind in each))
