import pytest

from airchat.protocol.trust import Trust, trust_of


@pytest.mark.parametrize(
    ("kind", "platform", "verified", "trust"),
    [
        ("system", "hub", True, Trust.HUB),
        ("agent", "hub", True, Trust.AGENT),
        ("agent", "irc", False, Trust.OUTSIDE),
        ("person", "hub", True, Trust.VERIFIED),
        ("person", "slack", True, Trust.VERIFIED),
        ("person", "irc", False, Trust.UNVERIFIED),
        ("ghost", "slack", True, Trust.UNVERIFIED),
        ("ghost", "irc", False, Trust.OUTSIDE),
        ("ghost", "hub", True, Trust.OUTSIDE),  # a guest
        (None, "hub", True, Trust.OUTSIDE),
        ("owner", "hub", True, Trust.OUTSIDE),
    ],
)
def test_trust_follows_from_kind_and_origin(kind: str | None, platform: str, verified: bool, trust: Trust) -> None:
    assert trust_of(kind, platform, verified=verified) is trust


def test_bot_of_a_platform_is_neither_a_person_nor_an_agent() -> None:
    assert trust_of("ghost", "slack", bot=True) is Trust.OUTSIDE
