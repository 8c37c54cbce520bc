"""Patterns of paths in a project: `*` and `?` within a folder, `**` for any folders, a folder for all that is in it."""

SEGMENTS = 40
LENGTH = 300

_WILD = frozenset("*?")


def normal_pattern(text: str) -> str:
    """Return the pattern in its one spelling: relative, with `/` between folders and none at its ends.

    Raises:
        ValueError: it leaves the project, is too long, or has `**` within the name of a folder; the text says which.
    """
    pattern = text.strip().replace("\\", "/")
    segments = [segment for segment in pattern.split("/") if segment not in {"", "."}]
    if not segments or len(pattern) > LENGTH or len(segments) > SEGMENTS:
        raise ValueError(f"must be 1-{LENGTH} characters in at most {SEGMENTS} folders")
    if pattern.startswith(("/", "~")) or ".." in segments or (len(pattern) > 1 and pattern[1] == ":"):
        raise ValueError("must be a path within the project, such as src/**/*.py")
    if not pattern.isprintable():
        raise ValueError("must not hold control characters")
    if any("**" in segment and segment != "**" for segment in segments):
        raise ValueError("must have ** between slashes, as in src/**/test_*.py")
    return "/".join(segments)


def covers(pattern: str, path: str) -> bool:
    """Tell whether a normal pattern covers a path, which has `/` between folders and none at its ends."""
    wanted, names = pattern.split("/"), path.split("/")
    known: dict[tuple[int, int], bool] = {}

    def fit(left: int, right: int) -> bool:
        if left == len(wanted):
            return True  # what is left is within a folder that the pattern covers
        if right == len(names):
            return False
        place = (left, right)
        if place not in known:
            if wanted[left] == "**":
                known[place] = fit(left + 1, right) or fit(left, right + 1)
            else:
                known[place] = _fits(wanted[left], names[right]) and fit(left + 1, right + 1)
        return known[place]

    return fit(0, 0)


def overlap(one: str, other: str) -> bool:
    """Tell whether two normal patterns could cover the same path.

    Where both have wildcards in the same place, their beginnings and ends decide: it may then be said of patterns that
    have no path in common, but is never denied of those that have.
    """
    first, second = one.split("/"), other.split("/")
    known: dict[tuple[int, int], bool] = {}

    def meet(left: int, right: int) -> bool:
        if left == len(first) or right == len(second):
            return True  # what is left is within a folder that the other covers
        place = (left, right)
        if place not in known:
            known[place] = False
            if first[left] == "**":
                known[place] = meet(left + 1, right) or meet(left, right + 1)
            elif second[right] == "**":
                known[place] = meet(left, right + 1) or meet(left + 1, right)
            else:
                known[place] = _meet(first[left], second[right]) and meet(left + 1, right + 1)
        return known[place]

    return meet(0, 0)


def _meet(one: str, other: str) -> bool:
    """Tell whether two names of a folder or file, each perhaps with wildcards, could be the same."""
    if _WILD.isdisjoint(one):
        return one == other if _WILD.isdisjoint(other) else _fits(other, one)
    if _WILD.isdisjoint(other):
        return _fits(one, other)
    starts = [_fixed(name) for name in (one, other)]
    ends = [_fixed(name[::-1]) for name in (one, other)]
    return all(a.startswith(b) or b.startswith(a) for a, b in (starts, ends))


def _fixed(name: str) -> str:
    """Return the name up to its first wildcard."""
    return name[: next(index for index, char in enumerate(name) if char in _WILD)]


def _fits(pattern: str, name: str) -> bool:
    """Tell whether the name fits the pattern; takes time in proportion to both together, or their product at worst."""
    place = at = 0
    star, mark = -1, 0
    while at < len(name):
        if place < len(pattern) and pattern[place] == "*":
            star, mark, place = place, at, place + 1
        elif place < len(pattern) and pattern[place] in {"?", name[at]}:
            place, at = place + 1, at + 1
        elif star >= 0:
            mark += 1
            place, at = star + 1, mark
        else:
            return False
    return set(pattern[place:]) <= {"*"}
