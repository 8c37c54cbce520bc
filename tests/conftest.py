"""What every test gets: a clean environment, no stray network, no blocking call in the loop, databases on request."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx
from hypothesis import HealthCheck, settings

from tests.migrated import empty_postgres, make_postgres
from tests.postgres import Cluster, find_postgres, outside_server

IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}

settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile(
    "ci",
    max_examples=100,
    deadline=None,
    derandomize=True,  # a red run can be run again
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],  # machines of CI are slow, which is no fault of the data
)
settings.register_profile("long", max_examples=1_000, deadline=None, print_blob=True)  # to look for what is rare
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if IN_CI else "dev"))

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ftp_proxy", "ws_proxy", "wss_proxy")

# Blocking calls under a running loop that are right all the same: (function, file, callers), a reason above each.
MAY_BLOCK: tuple[tuple[str, str, frozenset[str]], ...] = ()


def pytest_configure() -> None:
    """Forget what the developer's shell says about proxies and about a hub of their own."""
    for name in list(os.environ):
        ours = name.startswith(("AIRCHAT_", "AIRCD_")) and not name.startswith("AIRCHAT_TEST_")
        if ours or name.lower() in PROXIES:
            del os.environ[name]


SLOW_FOLDERS = (
    *("bridges/discord", "bridges/irc/log", "bridges/irc/transport", "bridges/irc_network", "bridges/slack"),
    *("contract/bridges", "demo", "e2e", "fakes", "hooks", "hub/cli", "hub/relay", "runner"),
)
"""Whose tests talk over sockets, start programs or wait for faults to pass throughout: left out of `make quick`."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where no slow test is wanted, spare what importing the slow folders costs."""
    tests = config.rootpath / "tests"
    slow = collection_path.is_dir() and collection_path in {tests / folder for folder in SLOW_FOLDERS}
    return True if slow and "not slow" in config.option.markexpr else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is slow by its folder, and what asks for Postgres. What takes longest begins first."""
    tests = config.rootpath / "tests"
    paths = {item.path for item in items}
    slow = {path for path in paths if any(path.is_relative_to(tests / folder) for folder in SLOW_FOLDERS)}
    whole = {path for path in paths if path.is_relative_to(tests / "e2e")}
    for item in items:
        if "postgres" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.postgres)
        if item.path in slow:
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: item.path not in whole)


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty home folder, so that no test reads or writes the developer's own ~/.airchat."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder))
        for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME"):
            patch.delenv(name, raising=False)
        yield folder


@pytest.fixture(scope="session", autouse=True)
def no_blocking_calls() -> Iterator[None]:
    """Make a blocking call (file, sleep, sqlite, lock) of the server raise where it would stop the event loop.

    Patched once for the session, because whether a loop is running is looked up at each call.
    """
    with blockbuster_ctx(["hub", "store", "bridges"]) as guard:
        for function, file, callers in MAY_BLOCK:
            guard.functions[function].can_block_in(file, callers)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A Postgres server for this test process: one of its own, or the one that AIRCHAT_TEST_POSTGRES names."""
    if server := outside_server():
        yield server
        return
    if find_postgres() is None:
        message = "no Postgres server found (Debian: apt-get install postgresql)"
        if IN_CI:
            pytest.fail(message)
        pytest.skip(message)
    with Cluster.started(fsync=False) as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres: Cluster) -> Iterator[str]:
    """The URL of an empty database of the test's own."""
    with postgres.database() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Cluster) -> Iterator[str]:
    """The URL of a database with the schema, which the tests of this process use in turn."""
    with postgres.database() as url:
        make_postgres(url)
        yield url


@pytest.fixture
def migrated_postgres_url(migrated_postgres: str) -> str:
    """The URL of a database that has the schema and holds nothing."""
    empty_postgres(migrated_postgres)
    return migrated_postgres
