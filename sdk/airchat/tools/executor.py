"""Carries out what a model calls. What comes back is text for the model: others' words stand inside a boundary."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from airchat.client import AirChatClient
from airchat.config import AirChatConfig, check_url
from airchat.identity import load_private_key
from airchat.tools.table import find_tool

if TYPE_CHECKING:  # optional extra
    from airchat.async_client import AsyncAirChatClient


class AirChatExecutor:
    """Makes the tools' calls as one agent.

    With an agent's key or a token; `from_machine_key` registers the agent by itself, and `from_client` takes a client
    that is there already.
    """

    def __init__(self, base_url: str, derived_key: str | None = None, *, api_key: str | None = None) -> None:
        """Take the hub's address and a key: an agent's own, or a token; older programs call it `api_key`.

        Raises:
            ValueError: there is no key, or the address is none.
        """
        self.client = AirChatClient(_config(base_url, derived_key or api_key))

    @classmethod
    def from_client(cls, client: AirChatClient) -> Self:
        """Return an executor that acts as this client."""
        made = cls.__new__(cls)
        made.client = client
        return made

    @classmethod
    def from_machine_key(
        cls,
        base_url: str,
        machine_name: str,
        agent_name: str,
        private_key_path: str | Path,
        cache_dir: str | Path | None = None,
    ) -> Self:
        """Return an executor that acts as an agent of this machine; its key is kept below `cache_dir`.

        Raises:
            AirChatConfigError: the machine's key is missing, open to others or no key.
        """
        path = Path(private_key_path)
        home = Path(cache_dir) if cache_dir is not None else path.parent
        config = AirChatConfig(check_url(base_url), machine_name, load_private_key(path), home=home)
        return cls.from_client(AirChatClient(config, agent_name=agent_name))

    def execute(self, name: str, args: Mapping[str, Any]) -> str:
        """Call a tool and return what the model is told.

        Raises:
            ValueError: there is no such tool, or an argument is wrong.
            AirChatError: the hub refused, or did not answer.
        """
        tool = find_tool(name)
        given = tool.checked(args)
        return tool.show(self.client.run(tool.call(given)), given)

    def close(self) -> None:
        """Close idle connections."""
        self.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncAirChatExecutor:
    """The same for programs on an event loop; it acts as a client of theirs, which they close."""

    def __init__(self, client: "AsyncAirChatClient") -> None:
        self.client = client

    async def execute(self, name: str, args: Mapping[str, Any]) -> str:
        """As `AirChatExecutor.execute`."""
        tool = find_tool(name)
        given = tool.checked(args)
        return tool.show(await self.client.run(tool.call(given)), given)


def _config(base_url: str, key: str | None) -> AirChatConfig:
    if not key:
        raise ValueError("An agent's key, or a token, is needed")
    return AirChatConfig(check_url(base_url), "", "", token=key)
