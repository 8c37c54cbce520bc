"""Text cut to the size of lines, by its bytes in UTF-8."""

from hub.core.graphemes import joined

_BLANK = ord(" ")
_BACK = 128
"""Most bytes that are looked back for the start of a character as readers see it; longer ones are cut."""


def lines(text: str) -> list[str]:
    r"""Return the lines of `text`, blank ones too; CRLF, LF and CR end one, and at the end of the text begin none."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return unified.removesuffix("\n").split("\n")


def pieces(line: str, limit: int) -> list[str]:
    """Return `line` in pieces of at most `limit` bytes; joined they are the line again.

    A piece ends with a word if one ends at its limit, behind a blank if there is one in its second half, else between
    two characters as readers see them (letters with their marks, joined emoji) if such a place is near the end, else
    between two code points.

    Raises:
        ValueError: the limit is below 4, the size of the largest code point.
    """
    if limit < 4:
        raise ValueError("A piece has at least 4 bytes")
    data = line.encode(errors="replace")
    if len(data) <= limit:
        return [data.decode()]
    result = []
    start = 0
    while len(data) - start > limit:
        end = data.rfind(b" ", start + limit // 2, start + limit) + 1
        if data[start + limit] == _BLANK:
            end = start + limit
        elif end == 0:
            end = _cluster_end(data, start, start + limit)
        result.append(data[start:end].decode())
        start = end
    result.append(data[start:].decode())
    return result


def first(text: str, limit: int) -> str:
    """Return as much of the beginning of `text` as fits into `limit` bytes; used where a text has a greatest size."""
    data = text.encode(errors="replace")
    return data.decode() if len(data) <= limit else data[: _cluster_end(data, 0, limit)].decode()


def _cluster_end(data: bytes, start: int, end: int) -> int:
    """Return the last place at or before `end`, behind `start`, that cuts no character; `data` goes on behind `end`."""
    end = _code_point(data, end)
    near = data[_code_point(data, max(start, end - _BACK)) : end].decode()
    text = near + data[end : end + 4].decode(errors="ignore")[0]
    for place in range(len(near), 0, -1):
        if not joined(text, place):
            return end - len(near[place:].encode())
    return end


def _code_point(data: bytes, place: int) -> int:
    while data[place] & 0xC0 == 0x80:
        place -= 1
    return place
