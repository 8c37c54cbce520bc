"""What numeric 005 tells: the server's limits and features as tokens.

https://modern.ircdocs.horse/#rplisupport-005
"""

from collections.abc import Mapping

TOKENS_PER_LINE = 13
_BYTES_PER_LINE = 380
"""Leaves room for the server's name, the nick and the closing words within 512 bytes."""


def token(key: str, value: str | int | None = None) -> str:
    r"""Return `KEY` or `KEY=value`; what a value may not hold (blanks, `=`, `\`, anything beyond ASCII) is `\xHH`."""
    return key if value is None else f"{key}={''.join(map(_escaped, str(value)))}"


def _escaped(character: str) -> str:
    if "!" <= character <= "~" and character not in "\\=":
        return character
    return "".join(f"\\x{byte:02X}" for byte in character.encode(errors="replace"))


def lines(features: Mapping[str, str | int | None]) -> list[tuple[str, ...]]:
    """Return the tokens of each line, in the order given; None is a feature without a value."""
    result: list[tuple[str, ...]] = []
    line: list[str] = []
    for key, value in features.items():
        item = token(key, value)
        if len(line) == TOKENS_PER_LINE or (line and len(" ".join(line)) + 1 + len(item) > _BYTES_PER_LINE):
            result.append(tuple(line))
            line = []
        line.append(item)
    if line:
        result.append(tuple(line))
    return result
