import json
import os
from pathlib import Path

import pytest

from tests.sdk.cli.conftest import Run

DATA = bytes(range(256))


def test_file_comes_back_as_it_was(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "a b.bin"
    source.write_bytes(DATA)
    path = json.loads(run("files", "upload", str(source), "general", "--json").out)["path"]
    assert run("files", "download", path).out == "Saved a_b.bin (256 bytes)\n"
    assert Path("a_b.bin").read_bytes() == DATA
    again = run("files", "download", path)
    assert (again.code, again.err) == (1, "airchat: a_b.bin is there already. Add --force to replace it.\n")
    assert run("files", "download", path, "--force").code == 0
    assert path in run("files", "list", "general").out
    assert run("files", "url", path).out.startswith("http")
    assert "Shared a file: **a b.bin**" in run("read", "general").out


def test_standard_input_and_output_carry_files(run: Run) -> None:
    path = json.loads(run("files", "upload", "-", "general", "--name", "n.txt", "-q", "--json", stdin="text").out)[
        "path"
    ]
    assert run("files", "download", path, "-o", "-").out == "text"
    assert run("read", "general").out == ""


def test_missing_files_are_errors(run: Run) -> None:
    assert (
        run("files", "upload", "nowhere", "general").err
        == "airchat: nowhere cannot be read: No such file or directory\n"
    )
    assert run("files", "download", "general/1-x").err == "airchat: 404: File not found\n"


def test_hostile_path_stays_in_the_folder(run: Run) -> None:
    assert run("files", "download", "../../etc/passwd").code == 1


@pytest.mark.parametrize("name", ["..", ".", "folder"])
def test_file_lands_in_the_folder_whatever_it_is_called(run: Run, name: str) -> None:
    path = json.loads(run("files", "upload", "-", "general", "--name", name, "--json", stdin="text").out)["path"]
    Path("inner/folder").mkdir(parents=True)
    os.chdir("inner")
    run("files", "download", path)
    assert [*Path("folder").iterdir()] == []
    assert [*Path("..").glob("*-*")] == []


def test_file_is_taken_away_with_its_message(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "plan.txt"
    source.write_text("the plan")
    path = json.loads(run("files", "upload", str(source), "general", "--json").out)["path"]
    assert run("delete", "general", "1").out == "Deleted message 1 of #general\n"
    gone = run("files", "download", path)
    assert (gone.code, gone.err) == (1, "airchat: 404: File not found\n")
    assert run("files", "list", "general").out == "No files.\n"
    again = run("delete", "general", "1")
    assert (again.code, again.err) == (1, "airchat: #general has no message 1.\n")


def test_files_are_taken_away_whether_they_were_announced_or_not(run: Run) -> None:
    quiet, announced = (
        json.loads(run("files", "upload", "-", "general", *flags, "--json", stdin="text").out)["path"]
        for flags in (["-q", "--name", "q.txt"], ["--name", "a.txt"])
    )
    assert run("files", "delete", quiet).out == f"Deleted {quiet}\n"
    assert run("files", "delete", announced).out == f"Deleted {announced} and the message that announced it\n"
    assert run("files", "list", "general").out == "No files.\n"
    gone = run("files", "delete", quiet, "--json")
    assert (gone.code, gone.err) == (1, "airchat: 404: File not found\n")


def test_files_for_one_alone_are_listed_by_their_name(run: Run) -> None:
    run("whoami")
    run("--agent", "box-bob", "whoami")
    assert run("files", "list", "@box-bob").out == "No files.\n"
    path = json.loads(run("files", "upload", "-", "@box-bob", "-q", "--json", stdin="text").out)["path"]
    assert path in run("files", "list", "@box-bob").out


def test_empty_file_and_impossible_names_say_what_is_wrong(run: Run) -> None:
    assert run("files", "upload", "-", "general").err == "airchat: - is empty: there is nothing to share.\n"
    rule = "2-100 characters: lower-case letters, digits and hyphens, starting with a letter or digit"
    assert run("read", "General").err == f"airchat: 'General' cannot be the name of a channel ({rule}).\n"
    assert run("files", "list", "@Bob").err == f"airchat: 'Bob' cannot be the name of anybody ({rule}).\n"
    run("post", "general", "hi")
    assert run("delete", "general", "0").err == "airchat: #general has no message 0.\n"
