"""Dividing: a long document as several, each of a size that a platform takes.

Cuts are made at the kindest place: between blocks, lines, sentences, words. A character as readers see it, a link, a
mention or a piece of code within a line is cut only if it is too long by itself. What is open at a cut (a style, code,
a quote, a list) goes on in the next part; nothing is lost but blanks at cuts.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

from hub.core.graphemes import graphemes
from hub.relay.markup import tidy
from hub.relay.markup.commonmark import parse_commonmark, render_commonmark
from hub.relay.markup.tree import Block, Code, Document, Inline, Items, LineBreak, Link, Paragraph, Pre, Quote, Text

_WORD = re.compile(r"\s*\S+|\s+")
_SENTENCE = (".", "!", "?", ":", ";", ",")


@dataclass(frozen=True, slots=True)
class _Step:
    """A block on the way to an atom, without what is in it; `item` counts the items of a list."""

    number: int
    shell: Block
    item: int = 0


@dataclass(frozen=True, slots=True)
class _Atom:
    """What is not cut: a word, another leaf, or a line of preformatted text (with its end)."""

    path: tuple[_Step, ...]
    content: Inline | str


def divide(document: Document, fits: Callable[[Document], bool]) -> list[Document]:
    """Return the document in parts that fit, in order; one that fits whole is its only part, an empty one has none.

    `fits` tells whether the platform takes a document as one message; of one that it takes it takes every beginning.
    """
    if not document.blocks:
        return []
    if fits(document):
        return [document]
    parts: list[Document] = []
    rest = list(_atoms(document.blocks))
    size = 1
    while rest:
        size = _most(len(rest), size, partial(_begin_fits, rest, fits))
        if size == 0 and len(broken := _broken(rest[0], fits)) > 1:
            rest[:1] = broken
            size = 1
        end = _kindest(rest, max(size, 1))
        parts.append(_built(rest[:end]))
        rest = _continued(rest, end)
    return [part for part in parts if part.blocks]


def split(text: str, limit: int, measure: Callable[[str], int] = len) -> list[str]:
    """Return CommonMark in pieces of CommonMark no longer than `limit`; a short text as it is, a blank one in none."""
    if measure(text) <= limit:
        return [text] if text.strip() else []
    parts = divide(parse_commonmark(text), lambda part: measure(render_commonmark(part)) <= limit)
    return [render_commonmark(part) for part in parts]


def _begin_fits(atoms: Sequence[_Atom], fits: Callable[[Document], bool], count: int) -> bool:
    return fits(_built(atoms[:count]))


def _atoms(blocks: Sequence[Block]) -> Iterator[_Atom]:
    numbers = iter(range(1_000_000_000))

    def walk(blocks: Sequence[Block], path: tuple[_Step, ...]) -> Iterator[_Atom]:
        for block in blocks:
            number = next(numbers)
            match block:
                case Paragraph(inlines):
                    inside = (*path, _Step(number, Paragraph(())))
                    yield from (_Atom(inside, piece) for inline in inlines for piece in _pieces(inline))
                case Pre(text):
                    inside = (*path, _Step(number, replace(block, text="")))
                    yield from (_Atom(inside, line) for line in text.splitlines(keepends=True))
                case Quote(inner):
                    yield from walk(inner, (*path, _Step(number, Quote(()))))
                case Items(items):
                    shell = replace(block, items=())
                    for count, item in enumerate(items):
                        yield from walk(item, (*path, _Step(number, shell, count)))

    return walk(blocks, ())


def _pieces(inline: Inline) -> list[Inline]:
    if isinstance(inline, Text):
        return [replace(inline, text=word) for word in _WORD.findall(inline.text)]
    return [inline]


def _most(count: int, guess: int, fits: Callable[[int], bool]) -> int:
    """Return how many of so many fit, all but a sixteenth; the work is that of the answer, not of all there are."""
    low, high = 0, min(max(guess, 1), count)
    while fits(high):
        low = high
        if high == count:
            return high
        high = min(high * 2, count)
    while high - low > max(1, low // 16):
        middle = (low + high) // 2
        if fits(middle):
            low = middle
        else:
            high = middle
    return low


def _broken(atom: _Atom, fits: Callable[[Document], bool]) -> list[_Atom]:
    """Return an atom that does not fit in pieces that do, cut between characters; a link loses its link."""
    if isinstance(atom.content, Link):
        url, text = atom.content.url, atom.content.text
        atom = replace(atom, content=Text(url if text == url else f"{text} ({url})", atom.content.style))
    if not isinstance(atom.content, str | Text | Code):
        return [atom]
    pieces: list[_Atom] = []
    rest = list(graphemes(_said(atom)))
    size = 1
    while rest:
        size = max(1, _most(len(rest), size, partial(_piece_fits, atom, rest, fits)))
        pieces.append(_piece(atom, rest[:size]))
        rest = rest[size:]
    return pieces


def _piece_fits(atom: _Atom, characters: Sequence[str], fits: Callable[[Document], bool], count: int) -> bool:
    return fits(_built([_piece(atom, characters[:count])]))


def _piece(atom: _Atom, characters: Sequence[str]) -> _Atom:
    """Return an atom that is text with these characters alone."""
    text = "".join(characters)
    content = replace(atom.content, text=text) if isinstance(atom.content, Text | Code) else text
    return replace(atom, content=content)


def _said(atom: _Atom) -> str:
    return atom.content if isinstance(atom.content, str) else tidy.plain([atom.content])


def _kindest(atoms: Sequence[_Atom], most: int) -> int:
    """Return before which atom to cut: behind the best place in the second half of what fits, else any place."""
    if most >= len(atoms):
        return len(atoms)
    best, rank = most, _kindness(atoms, most)
    for place in range(most - 1, 0, -1):
        if place <= most // 2 and rank > 0:
            break
        if (kindness := _kindness(atoms, place)) > rank:
            best, rank = place, kindness
    return best


def _kindness(atoms: Sequence[_Atom], place: int) -> int:
    """Return how well a cut before an atom reads: 4 between blocks, 3 lines, 2 sentences, 1 words, 0 none of these."""
    before, after = atoms[place - 1], atoms[place]
    if before.path != after.path:
        return 4
    if isinstance(before.content, str) or isinstance(after.content, str):
        return 3 if str(before.content).endswith("\n") else 0
    if LineBreak() in (before.content, after.content):
        return 3
    said = tidy.plain([before.content])
    if not (said[-1:].isspace() or tidy.plain([after.content])[:1].isspace()):
        return 0
    return 2 if said.rstrip().endswith(_SENTENCE) else 1


def _continued(atoms: Sequence[_Atom], cut: int) -> list[_Atom]:
    """Return what follows a cut; the rest of an item that is cut stands before the list's further items."""
    rest = list(atoms[cut:])
    opened = {step for step in atoms[cut - 1].path if isinstance(step.shell, Items)}
    for place, atom in enumerate(rest):
        if opened.isdisjoint(atom.path):
            break
        rest[place] = replace(atom, path=tuple(step for step in atom.path if step not in opened))
    return rest


def _built(atoms: Sequence[_Atom]) -> Document:
    return tidy.document(_blocks(atoms, 0))


def _blocks(atoms: Sequence[_Atom], depth: int) -> Iterator[Block]:
    """Yield the blocks that atoms are in at this depth."""
    for _, group in groupby(atoms, lambda atom: atom.path[depth].number):
        inside = list(group)
        step = inside[0].path[depth]
        match step.shell:
            case Paragraph():
                yield Paragraph(tuple(it.content for it in inside if not isinstance(it.content, str)))
            case Pre() as pre:
                yield replace(pre, text="".join(_said(it) for it in inside))
            case Quote():
                yield Quote(tuple(_blocks(inside, depth + 1)))
            case Items(first=first):
                items = [list(item) for _, item in groupby(inside, lambda atom: atom.path[depth].item)]
                number = None if first is None else first + step.item
                yield Items(tuple(tuple(_blocks(item, depth + 1)) for item in items), number)
