import pytest

from hub.core.credentials import Credentials
from store.memory import MemoryStore
from store.ports.store import Store
from tests.hub.core.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store() -> Store:
    return MemoryStore()


@pytest.fixture
def credentials(store: Store, clock: FakeClock) -> Credentials:
    """Credentials that hear of every commit."""
    credentials = Credentials(store, clock)
    store.listen(credentials.observe, noop)
    return credentials


def noop(_: object) -> None:
    """Stand in for a listener without interest."""
