"""Dividing: a long document as several, each of a size that a platform takes.

Cuts are made at the kindest place: between blocks, lines, sentences, words. A character as readers see it, a link, a
mention or a piece of code within a line is cut only if it is too long by itself. What is open at a cut (a style, code,
a quote, a list) goes on in the next part; nothing is lost but blanks at cuts.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from hub.relay.markup import tidy
from hub.relay.markup.graphemes import graphemes
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
        size = _most(rest, size, fits)
        if size == 0 and len(broken := _broken(rest[0])) > 1:
            rest[:1] = broken
            size = 1
            continue
        end = _kindest(rest, max(size, 1))
        parts.append(_built(rest[:end]))
        rest = _continued(rest, end)
        size = end
    return [part for part in parts if part.blocks]


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


def _most(atoms: Sequence[_Atom], guess: int, fits: Callable[[Document], bool]) -> int:
    """Return how many atoms fit at most; the work is that of the answer, not that of all there are."""
    low, high = 0, min(guess, len(atoms))
    while fits(_built(atoms[:high])):
        low = high
        if high == len(atoms):
            return high
        high = min(high * 2, len(atoms))
    while high - low > 1:
        middle = (low + high) // 2
        if fits(_built(atoms[:middle])):
            low = middle
        else:
            high = middle
    return low


def _broken(atom: _Atom) -> list[_Atom]:
    """Return an atom that does not fit in the characters it consists of; a link loses its link."""
    match atom.content:
        case str(text):
            return [_Atom(atom.path, piece) for piece in graphemes(text)]
        case Text(text) | Code(text):
            return [_Atom(atom.path, replace(atom.content, text=piece)) for piece in graphemes(text)]
        case Link(url, text, style):
            words = url if text == url else f"{text} ({url})"
            return [_Atom(atom.path, Text(piece, style)) for piece in graphemes(words)]
    return [atom]


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
    for step, group in groupby(atoms, lambda atom: replace(atom.path[depth], item=0)):
        inside = list(group)
        match step.shell:
            case Paragraph():
                yield Paragraph(tuple(it.content for it in inside if not isinstance(it.content, str)))
            case Pre():
                yield replace(step.shell, text="".join(str(it.content) for it in inside))
            case Quote():
                yield Quote(tuple(_blocks(inside, depth + 1)))
            case Items(first=first):
                items = [list(item) for _, item in groupby(inside, lambda atom: atom.path[depth].item)]
                number = None if first is None else first + items[0][0].path[depth].item
                yield Items(tuple(tuple(_blocks(item, depth + 1)) for item in items), number)
