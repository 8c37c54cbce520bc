"""Masks of bans: `nick!user@host` with `*` and `?`, accounts, and mutes.

On IRC an account is `a:name` (https://ircv3.net/specs/extensions/account-extban), and `m:` before a mask only silences.
Numeric 005 says so: `EXTBAN=,am ACCOUNTEXTBAN=a`. The prefixes that other servers have, `~` and `$`, are taken too.
"""

import re
from dataclasses import dataclass

from airchat.protocol.masks import ACCOUNT, matches

_MUTES = re.compile(r"(?:[~$]?m:)+")
_ACCOUNT = re.compile(r"[~$]?a:")
_UNFIT = re.compile(r"[\0-\x20\x7f]")


@dataclass(frozen=True, slots=True)
class Mask:
    """Whom a ban means, and whether it only silences; its text is how IRC writes it.

    `pattern` is how the hub keeps it: `nick!user@host`, or an account's name behind `airchat.protocol.masks.ACCOUNT`.
    """

    pattern: str
    mute: bool = False

    def __str__(self) -> str:
        plain = f"a:{self.pattern.removeprefix(ACCOUNT)}" if self.pattern.startswith(ACCOUNT) else self.pattern
        return f"m:{plain}" if self.mute else plain

    def fits(self, source: str, account: str | None = None) -> bool:
        """Tell whether the mask means who is `source`, as `nick!user@host`, and is logged in as `account`."""
        if self.pattern.startswith(ACCOUNT):
            return account is not None and matches(self.pattern, ACCOUNT + account)
        return matches(self.pattern, source)


def parse(text: str) -> Mask:
    """Return what `text` means; blanks and control characters in it are dropped, and what is left out means all."""
    rest = _UNFIT.sub("", text)
    mute = _MUTES.match(rest)
    if mute:
        rest = rest[mute.end() :]
    account = _ACCOUNT.match(rest)
    pattern = ACCOUNT + (rest[account.end() :] or "*") if account else _hostmask(rest)
    return Mask(pattern, mute is not None)


def _hostmask(text: str) -> str:
    rest, at, host = text.rpartition("@") if "@" in text else (text, "", "")
    nick, bang, user = rest.partition("!")
    if at and not bang:
        nick, user = "*", nick
    return f"{nick or '*'}!{user or '*'}@{host or '*'}"
