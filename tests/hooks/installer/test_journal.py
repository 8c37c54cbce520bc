import os
from pathlib import Path

import pytest

from hooks.installer.journal import Journal
from tests.hooks.installer.conftest import contents


def without_ours(text: str) -> str:
    return text.replace("ours\n", "")


def test_untouched_files_come_back_byte_for_byte(home: Path, journal: Journal) -> None:
    old = home / "settings"
    old.write_bytes(b"theirs\r\n\xff\n")
    old.chmod(0o644)
    before = contents(home)
    assert journal.write(old, "ours\n")
    assert journal.write(home / "new" / "folder" / "file", "ours\n")
    assert old.stat().st_mode & 0o777 == 0o644
    assert (home / "new" / "folder" / "file").stat().st_mode & 0o777 == 0o600
    again = Journal(home / ".airchat")
    for path in again.files():
        assert again.give_back(path, without_ours)
    (home / ".airchat").rmdir()
    assert contents(home) == before
    assert old.stat().st_mode & 0o777 == 0o644


def test_what_others_wrote_since_stays(home: Path, journal: Journal) -> None:
    old, new = home / "old", home / "new"
    old.write_text("first\n")
    journal.write(old, "first\nours\n")
    journal.write(new, "ours\n")
    for path in (old, new):
        path.write_text(path.read_text() + "theirs\n")
    for path in (old, new):
        journal.give_back(path, without_ours)
    assert (old.read_text(), new.read_text()) == ("first\ntheirs\n", "theirs\n")


def test_what_others_wrote_between_two_of_our_writes_stays(home: Path, journal: Journal) -> None:
    path = home / "file"
    path.write_text("first\n")
    journal.write(path, "first\nours\n")
    path.write_text("first\nours\ntheirs\n")
    Journal(home / ".airchat").write(path, "first\ntheirs\nours\n")
    Journal(home / ".airchat").give_back(path, without_ours)
    assert path.read_text() == "first\ntheirs\n"


def test_new_file_with_nothing_but_ours_goes(home: Path, journal: Journal) -> None:
    path = home / "folder" / "file"
    journal.write(path, "ours\n")
    path.write_text("ours\n\n")
    journal.give_back(path, without_ours)
    assert not path.parent.exists()


def test_same_text_is_no_change(home: Path, journal: Journal) -> None:
    (home / "file").write_text("same\n")
    assert not journal.write(home / "file", "same\n")
    assert journal.files() == []
    assert not journal.give_back(home / "file", without_ours)


def test_link_stays_a_link(home: Path, journal: Journal) -> None:
    (home / "dotfiles").mkdir()
    (home / "dotfiles" / "rc").write_text("theirs\n")
    (home / "rc").symlink_to("dotfiles/rc")
    journal.write(home / "rc", "theirs\nours\n")
    assert (home / "rc").is_symlink()
    assert (home / "dotfiles" / "rc").read_text() == "theirs\nours\n"
    journal.give_back(home / "rc", without_ours)
    assert (home / "dotfiles" / "rc").read_text() == "theirs\n"


def test_write_that_fails_leaves_the_file(home: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    path = home / "file"
    path.write_text("theirs\n")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            journal.write(path, "ours\n")
    assert path.read_text() == "theirs\n"
    assert {entry.name for entry in home.iterdir()} == {".airchat", "file"}
    journal.give_back(path, without_ours)
    assert path.read_text() == "theirs\n"


def test_copies_are_for_the_owner_only(home: Path, journal: Journal) -> None:
    (home / "file").write_text("a secret\n")
    journal.write(home / "file", "ours\n")
    [copy] = (home / ".airchat" / "backups").iterdir()
    assert copy.stat().st_mode & 0o777 == 0o600
    assert (home / ".airchat" / "setup.json").stat().st_mode & 0o777 == 0o600
