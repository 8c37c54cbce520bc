"""Words: what plain text means wherever it is written: line ends, addresses, `@names`, `#channels`, `:emoji:`."""

import re
from collections.abc import Iterable, Iterator

from airchat.protocol.mentions import LINK, MENTION
from hub.relay.markup import tidy
from hub.relay.markup.tree import ChannelLink, Code, CustomEmoji, Inline, LineBreak, Link, Mention, Style, Text

_SCHEMES = re.compile(r"(?:https?|ftps?|ircs?|ssh|git|xmpp|mailto|tel):(?=[^\s])", re.IGNORECASE)
_CLOSING = {")": "(", "]": "[", "}": "{"}
_LEAF = re.compile(
    rf"(?P<break>\n)|(?P<address>(?i:{LINK.pattern}))|(?P<mention>{MENTION.pattern})(?![a-z0-9+.-]{{0,30}}://)"
    r"|(?<![\w/#&-])\#(?=[0-9-]*[A-Za-z])(?P<channel>[A-Za-z0-9][A-Za-z0-9-]{0,98}[A-Za-z0-9])(?![\w-]|[a-z0-9+.-]{0,30}://)"
    r"|(?<![\w:])(?P<emoji>(?::[A-Za-z0-9+-](?:[A-Za-z0-9_+-]{0,62}[A-Za-z0-9+-])?:)+)(?![\w:]|//)"
)
_ALONE = {
    Mention: (re.compile(r"[\w.+-]@*\Z"), re.compile(r"[-_]*[A-Za-z0-9]|\w*@")),
    ChannelLink: (re.compile(r"[\w/#&-]\Z"), re.compile(r"[\w-]")),
    CustomEmoji: (re.compile(r"[\w:]\Z"), re.compile(r"[\w:]")),
}
"""What may not stand before and behind such a leaf."""

_NEAR = 200

_LINE_ENDS = str.maketrans(dict.fromkeys("\r\u2028\u2029\x85\x0b\x0c", "\n"))
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def clean(text: str) -> str:
    """Return a text with one kind of line end and without other control characters or halves of characters."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").translate(_LINE_ENDS))


def is_address(url: str) -> bool:
    """Tell whether a link may lead there: it is of a known kind (not `javascript:`) and holds no blanks."""
    return _SCHEMES.match(url) is not None and not any(char.isspace() or char in "<>" for char in url)


def address_at(text: str, start: int) -> str:
    """Return the bare address that begins there, or nothing; marks at its end belong to the sentence around it."""
    match = LINK.match(text, start)
    if match is None or not is_address(match.group()):
        return ""
    address = match.group()
    spare = {close: address.count(close) - address.count(opening) for close, opening in _CLOSING.items()}
    end = len(address)
    while end and (address[end - 1] in ".,:;!?'*_~([{" or spare.get(address[end - 1], 0) > 0):
        end -= 1
        if address[end] in spare:
            spare[address[end]] -= 1
    return address[:end] if end > address.find("//") + 2 else ""


def leaves(inlines: Iterable[Inline]) -> list[Inline]:
    """Return the leaves with what plain texts among them mean in place of these texts.

    A mention, a channel or an emoji gets a blank beside it where it would otherwise become part of a word.
    """
    found: list[Inline] = []
    for inline in inlines:
        if found and _melts(found[-1], inline):
            found.append(Text(" "))
        if isinstance(inline, Text):
            found += _read(inline.text, inline.style, _seen(found[-1]) if found else "")
        else:
            found.append(inline)
    return found


def _melts(before: Inline, after: Inline) -> bool:
    """Tell whether what one of them names would not be read again where they stand side by side."""
    if isinstance(before, CustomEmoji) and isinstance(after, CustomEmoji):
        return False
    alone = _ALONE.get(type(after))
    if alone and alone[0].search(_seen(before)[-_NEAR:]):
        return True
    alone = _ALONE.get(type(before))
    return alone is not None and alone[1].match(_seen(after)[:_NEAR]) is not None


def _seen(inline: Inline) -> str:
    """Return what neighbours see of a leaf: words, or the marks around them."""
    return "`" if isinstance(inline, Code) else ">" if isinstance(inline, Link) else tidy.plain([inline])


def _read(text: str, style: Style, before: str) -> Iterator[Inline]:
    """Yield what a text means; `before` is what stands before it."""
    done = len(before)
    text = before + text
    for match in _LEAF.finditer(text, done):
        for start, end, leaf in _leaf(match, style):
            if start > done:
                yield Text(text[done:start], style)
            yield leaf
            done = end
    if done < len(text):
        yield Text(text[done:], style)


def _leaf(match: re.Match[str], style: Style) -> Iterator[tuple[int, int, Inline]]:
    """Yield the leaf that a match is, if any, and where it begins and ends."""
    start, end = match.span()
    if match["break"]:
        yield start, end, LineBreak()
    elif match["address"]:
        if url := address_at(match.string, start):
            yield start, start + len(url), Link(url, url, style)
    elif match["mention"]:
        name = match["mention"].lstrip("@").rstrip("-_")
        start = match.string.rindex("@", start, end)
        yield start, start + 1 + len(name), Mention(name, style)
    elif match["channel"]:
        yield start, end, ChannelLink(match["channel"], style)
    else:
        for name in match["emoji"].strip(":").split("::"):
            yield start, start + len(name) + 2, CustomEmoji(name, style)
            start += len(name) + 2
