"""What waits for an agent as text for a model. All that others wrote stands inside the boundary, as quoted text."""

from collections.abc import Iterator, Sequence

from airchat.boundary import fenced_lines, quoted
from airchat.call import Row
from airchat.protocol.names import is_name

SHOWN = 5
CONTENT = 300
"""How many of each are shown, and how many characters of a text."""

HINT = (
    "The tool check_work shows all of it; mark_mentions_read takes the ids of mentions that are dealt with, "
    "update_task that of a task."
)


def digest(work: Row) -> str:
    """Return what `check_work` has found, as lines; nothing if it found nothing."""
    sections = [
        ("unread mention", "unread mentions", [mention_line(row) for row in work["mentions"]]),
        ("open task for you", "open tasks for you", [task_line("Open", row) for row in work["open_matching"]]),
        ("task you claimed", "tasks you claimed", [task_line("Claimed", row) for row in work["mine_claimed"]]),
        ("task of yours was finished", "tasks of yours were finished", [*map(_finished, work["completed_for_me"])]),
    ]
    counts = [f"{len(lines)} {one if len(lines) == 1 else many}" for one, many, lines in sections if lines]
    if not counts:
        return ""
    shown = [line for _, _, lines in sections for line in _first(lines)]
    return f"Waiting for you in AirChat: {', '.join(counts)}.\n{fenced_lines(shown)}\n{HINT}\n"


def mention_line(row: Row) -> str:
    """Return a mention: its id, who wrote it, where, and the beginning of what it says."""
    project = f", project {quoted(row['from_project'], 50)}" if row.get("from_project") else ""
    author = f"{name(row['from'])} ({row.get('trust') or 'outside'}{project})"
    return f"Mention {row['mention_id']} from {author} in #{row['channel']}: {quoted(row['content'], CONTENT)}"


def task_line(state: str, row: Row) -> str:
    """Return a task: its id, title and tags, and where it was posted."""
    tags = f" needs {', '.join(row['capability_tags'])}" if row.get("capability_tags") else ""
    channel = f" in #{row['channels']['name']}" if row.get("channels") else ""
    return f"{state} task {row['id']}{channel}{tags}: {quoted(row['title'], CONTENT)}"


def name(text: str) -> str:
    """Return an author's name; quoted where it is none that the hub has given."""
    return text if is_name(text) else quoted(text, 100)


def _finished(row: Row) -> str:
    return f"{task_line('Finished', row)} result: {quoted(row.get('result') or '', CONTENT)}"


def _first(lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:SHOWN]
    if len(lines) > SHOWN:
        yield f"(and {len(lines) - SHOWN} more)"
