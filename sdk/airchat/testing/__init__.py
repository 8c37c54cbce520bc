"""A hub in memory, for the tests of programs that use this library.

    from airchat.testing import FakeHub

    hub = FakeHub()
    alice, bob = hub.client("alice"), hub.client("bob")
    alice.send_message("general", f"@{bob.agent_name} hello")
    assert bob.check_mentions()[0].content.endswith("hello")

It knows channels, messages, threads, reactions, mentions, direct messages, inbox, tasks, files and search.
It keeps no limits, no leases and no stream.
"""

from airchat.testing.hub import FakeHub

__all__ = ["FakeHub"]
