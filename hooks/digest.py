"""What waits for an agent as text for a model. All that others wrote stands inside the boundary, as quoted text."""

from collections.abc import Iterator, Sequence

from airchat.boundary import fenced_lines, quoted
from airchat.call import Row
from airchat.protocol.names import is_name

SHOWN = 5
CONTENT = 300
"""How many of each are shown, and how many characters of a text."""
LONGEST = 8_000
"""Characters of all together: of 10,000 and more Claude Code shows only the beginning, without the boundary's end."""

HINT = (
    "The tool check_work shows all of it; mark_mentions_read takes the ids of mentions that are dealt with, "
    "update_task that of a task."
)


def digest(work: Row) -> str:
    """Return what `check_work` has found, as lines; nothing if it found nothing."""
    sections = [
        ("mentions", "unread mention", "unread mentions", mention_line),
        ("open_matching", "open task for you", "open tasks for you", _open),
        ("mine_claimed", "task you claimed", "tasks you claimed", _claimed),
        ("completed_for_me", "task of yours was finished", "tasks of yours were finished", _finished),
    ]
    found = [[line(row) for row in work[name]] for name, _, _, line in sections]
    counts = [
        f"{_count(lines, more=name in work.get('more', ()))} {one if len(lines) == 1 else many}"
        for lines, (name, one, many, _) in zip(found, sections, strict=True)
        if lines
    ]
    if not counts:
        return ""
    for most in range(SHOWN, 0, -1):
        shown = [line for lines in found for line in _first(lines, most)]
        text = f"Waiting for you in AirChat: {', '.join(counts)}.\n{fenced_lines(shown)}\n{HINT}\n"
        if len(text) <= LONGEST:
            break
    return text


def mention_line(row: Row) -> str:
    """Return a mention: its id, who wrote it, where, and the beginning of what it says."""
    project = f", project {quoted(row['from_project'], 50)}" if row.get("from_project") else ""
    author = f"{name(row['from'])} ({row.get('trust') or 'outside'}{project})"
    return f"Mention {row['mention_id']} from {author} in #{row['channel']}: {_brief(row['content'])}"


def task_line(state: str, row: Row) -> str:
    """Return a task: its id, title and tags, and where it was posted."""
    tags = f" needs {', '.join(row['capability_tags'])}" if row.get("capability_tags") else ""
    channel = f" in #{row['channels']['name']}" if row.get("channels") else ""
    return f"{state} task {row['id']}{channel}{tags}: {_brief(row['title'])}"


def name(text: str) -> str:
    """Return an author's name; quoted where it is none that the hub has given."""
    return text if is_name(text) else quoted(text, 100)


def _open(row: Row) -> str:
    return task_line("Open", row)


def _claimed(row: Row) -> str:
    return task_line("Claimed", row)


def _count(lines: Sequence[str], *, more: bool) -> str:
    """Return how many there are, as far as the hub has told."""
    return f"more than {len(lines)}" if more else str(len(lines))


def _finished(row: Row) -> str:
    return f"{task_line('Finished', row)} result: {_brief(row.get('result') or '')}"


def _brief(text: str) -> str:
    """Return the beginning of a text; of one that is nothing but escapes, as much as takes no more room."""
    shown = quoted(text, CONTENT)
    return shown if len(shown) <= 2 * CONTENT else quoted(text, CONTENT // 12)


def _first(lines: Sequence[str], most: int) -> Iterator[str]:
    yield from lines[:most]
    if len(lines) > most:
        yield f"(and {len(lines) - most} more)"
