import importlib.resources
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from hub.cli import init
from hub.settings import load_settings
from tests.hub.cli.conftest import Run

CHECKOUT = Path(__file__).parents[3] / "config" / "hub.example.toml"


def test_written_settings_are_the_defaults_and_a_secret(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / ".config" / "airchat-hub"
    assert run("init", "--json").json == {
        "config": str(folder / "hub.toml"),
        "admin_secret_file": str(folder / "admin.secret"),
    }
    secret = (folder / "admin.secret").read_text().strip()
    settings, defaults = load_settings(folder / "hub.toml", {}), load_settings(None, {})
    assert settings.auth.admin_secret is not None
    assert settings.auth.admin_secret.get_secret_value() == secret
    assert len(secret) == 43
    assert settings.model_copy(update={"auth": defaults.auth}) == defaults


def test_others_cannot_read_what_is_written(run: Run, tmp_path: Path) -> None:
    run("init")
    folder = tmp_path / ".config" / "airchat-hub"
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.iterdir()]} == {
        "airchat-hub": 0o700,
        "hub.toml": 0o600,
        "admin.secret": 0o600,
    }


def test_named_file_finds_its_secret_from_everywhere(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / 'a "quoted" folder'
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert f"airchat-hub serve --config {folder / 'hub.toml'}" in run("init", "--config", "hub.toml").out
    monkeypatch.chdir("/")
    assert run("db", "status", "--config", str(folder / "hub.toml")).code == 0


def test_existing_file_is_left_alone(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "hub.toml"
    path.write_text("[http]\nport = 4000\n")
    result = run("init", "--config", str(path))
    assert (result.code, result.err) == (
        1,
        f"airchat-hub: {path} exists already; edit it, or name another with --config.\n",
    )
    assert path.read_text() == "[http]\nport = 4000\n"
    assert not path.with_name("admin.secret").exists()


def test_wrong_environment_is_told_before_anything_is_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRCHAT_HUB__HTTP__PORT", "many")
    assert run("init").code == 1
    assert not (tmp_path / ".config").exists()


def test_example_is_found_in_a_package_and_in_a_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert not importlib.resources.files("hub").joinpath(init.EXAMPLE).is_file()
    assert init.example() == CHECKOUT.read_text()
    (tmp_path / init.EXAMPLE).write_text("packaged")
    monkeypatch.setattr(init, "files", lambda _: tmp_path)
    assert init.example() == "packaged"


def test_wheel_holds_the_example(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=CHECKOUT.parents[1], capture_output=True, check=True)
    [built] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(built) as wheel:
        assert wheel.read(f"hub/{init.EXAMPLE}") == CHECKOUT.read_bytes()
        assert {name.partition("/")[0] for name in wheel.namelist() if name.endswith(".py")} == {
            "bridges",
            "hooks",
            "hub",
            "mcp_server",
            "runner",
            "store",
        }
