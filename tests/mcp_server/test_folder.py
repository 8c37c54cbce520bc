from pathlib import Path

import pytest

from mcp_server.folder import project_folder


@pytest.mark.parametrize("form", ["{0}", '["{0}"]', '["{0}", "{1}"]', "{0};{1}", "{0},{1}", "{0}:{1}", " {0} "])
def test_host_that_starts_servers_elsewhere_names_the_folder(tmp_path: Path, form: str) -> None:
    for name in ("shop", "web"):
        (tmp_path / name).mkdir()
    paths = form.format(tmp_path / "shop", tmp_path / "web")
    assert project_folder({"WORKSPACE_FOLDER_PATHS": paths}) == tmp_path / "shop"
    assert project_folder({"WORKSPACE_FOLDER_PATHS": paths, "CLAUDE_PROJECT_DIR": "/x/y"}) == Path("/x/y")


@pytest.mark.parametrize("paths", ["", "/nowhere/at/all", "${workspaceFolder}", "[]", ";"])
def test_host_that_names_none_starts_it_there(paths: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert project_folder({"WORKSPACE_FOLDER_PATHS": paths}) == tmp_path
