import subprocess
import sys
import threading
from pathlib import Path

import pytest

from airchat.wake import LONGEST, Wakes, lock_path, session_key, wake_lock

OTHER = """
import sys
from pathlib import Path
from airchat.wake import wake_lock

with wake_lock(Path(sys.argv[1]), "laptop-shop", "s1") as taken:
    print(taken, flush=True)
    sys.stdin.readline()
"""


def test_only_one_wakes_a_session(tmp_path: Path) -> None:
    with wake_lock(tmp_path, "laptop-shop", "s1") as first, wake_lock(tmp_path, "laptop-shop", "s1") as second:
        assert (first, second) == (True, False)
        with wake_lock(tmp_path, "laptop-shop", "s2") as other_session:
            assert other_session
    with wake_lock(tmp_path, "laptop-shop", "s1") as again:
        assert again


@pytest.mark.parametrize(
    ("environ", "key"),
    [
        ({}, "s1"),
        ({"CLAUDE_PID": "77"}, "process-77"),
        ({"CLAUDE_PID": "77", "CLAUDE_CODE_MESSAGING_SOCKET": "/tmp/cc-socks/78.sock"}, "inbox-78"),  # noqa: S108 - as it is called
    ],
)
def test_session_is_known_by_what_stays_when_it_is_cleared(environ: dict[str, str], key: str) -> None:
    assert session_key(environ, "s1") == key


def test_sessions_know_what_others_are_dealing_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two, stranger = Wakes(tmp_path, "box", "s1"), Wakes(tmp_path, "box", "s2"), Wakes(tmp_path, "cat", "s1")
    now = 1_000_000.0
    monkeypatch.setattr("time.time", lambda: now)
    one.note(["a", "b"], 90.0)
    assert (one.elsewhere(), two.elsewhere(), two.everywhere(), stranger.elsewhere()) == (
        set(),
        {"a", "b"},
        {"a", "b"},
        set(),
    )
    one.note(["b"], 90.0)
    two.note(["c"], 90.0)
    assert (one.elsewhere(), two.elsewhere(), one.everywhere()) == ({"c"}, {"b"}, {"b", "c"})
    now += 90
    assert two.elsewhere() == set(), "who says nothing for long is gone"
    one.note(["b"], 90.0)
    now -= LONGEST
    assert two.elsewhere() == set(), "a clock that is set back keeps nothing for long"
    one.note([], 90.0)
    two.note([], 90.0)
    assert list((tmp_path / "cache").iterdir()) == []


def test_lock_leaves_nothing_behind_and_stays_in_its_folder(tmp_path: Path) -> None:
    path = lock_path(tmp_path, "laptop-shop", "../../s 1")
    assert path.parent == tmp_path / "cache"
    with wake_lock(tmp_path, "laptop-shop", "../../s 1"):
        assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == []


def test_lock_goes_with_its_process(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OTHER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        with wake_lock(tmp_path, "laptop-shop", "s1") as taken:
            assert not taken
        other.kill()
    with wake_lock(tmp_path, "laptop-shop", "s1") as taken:
        assert taken


def test_no_lock_where_no_file_can_be(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, not a folder")
    with wake_lock(tmp_path, "laptop-shop", "s1") as taken:
        assert not taken


def test_many_at_once_are_never_two(tmp_path: Path) -> None:
    inside, most = 0, 0
    counting = threading.Lock()

    def contend() -> None:
        nonlocal inside, most
        for _ in range(50):
            with wake_lock(tmp_path, "laptop-shop", "s1") as taken:
                if taken:
                    with counting:
                        inside += 1
                        most = max(most, inside)
                    with counting:
                        inside -= 1

    threads = [threading.Thread(target=contend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
