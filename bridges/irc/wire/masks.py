"""Masks of bans: `nick!user@host` with `*` and `?`, accounts, and mutes.

An account is `a:name` (https://ircv3.net/specs/extensions/account-extban); `m:` before a mask only silences.
Numeric 005 says so: `EXTBAN=,am ACCOUNTEXTBAN=a`. The prefixes that other servers have, `~` and `$`, are taken too.
"""

import re
from dataclasses import dataclass

_EXTENDED = re.compile(r"[~$]?([am]):(.+)", re.DOTALL)
_UNFIT = re.compile(r"[\0-\x20\x7f]")


@dataclass(frozen=True, slots=True)
class Mask:
    """Whom a mask means: an account, or else everybody whose `nick!user@host` has the form `hostmask`."""

    hostmask: str | None = None
    account: str | None = None
    mute: bool = False

    def __str__(self) -> str:
        plain = f"a:{self.account}" if self.account is not None else self.hostmask or "*!*@*"
        return f"m:{plain}" if self.mute else plain


def parse(text: str) -> Mask:
    """Return what `text` means; blanks and control characters in it are dropped, and what is left out means all."""
    text = _UNFIT.sub("", text)
    extended = _EXTENDED.fullmatch(text)
    if extended is None:
        return Mask(hostmask=_hostmask(text))
    letter, rest = extended.groups()
    if letter == "a":
        return Mask(account=rest)
    inner = parse(rest)
    return Mask(inner.hostmask, inner.account, mute=True)


def normalise(text: str) -> str:
    """Return the one spelling of a mask: `alice` is `alice!*@*`, `*@host` is `*!*@host`, `$a:alice` is `a:alice`."""
    return str(parse(text))


def _hostmask(text: str) -> str:
    rest, at, host = text.rpartition("@") if "@" in text else (text, "", "")
    nick, bang, user = rest.partition("!")
    if at and not bang:
        nick, user = ("*", nick) if nick else ("*", "*")
    return f"{nick or '*'}!{user or '*'}@{host or '*'}"
