import pytest

from hub.core.addresses import counted, is_loopback


@pytest.mark.parametrize(
    ("address", "by"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:4711", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:c000:201", "192.0.2.1"),
        ("[::ffff:192.0.2.1]:4711", "192.0.2.1"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("2001:DB8:0:1:ffff:ffff:ffff:ffff", "2001:db8:0:1::/64"),
        ("[2001:db8:0:1::1]", "2001:db8:0:1::/64"),
        ("[2001:db8:0:1::1]:4711", "2001:db8:0:1::/64"),
        ("2001:db8:0:2::1", "2001:db8:0:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::1"),
        ("::2", "::/64"),
        ("unknown", "unknown"),
        ("", ""),
        ("[", "["),
        ("1.2.3.4.5:6", "1.2.3.4.5:6"),
    ],
)
def test_address_is_counted_by_what_its_client_has(address: str, by: str) -> None:
    assert counted(address) == by


def test_loopback_is_this_machine_in_either_spelling() -> None:
    assert [
        it for it in ("127.0.0.1", "::1", "::ffff:127.0.0.9", "[::1]:9", "::2", "192.0.2.1", "") if is_loopback(it)
    ] == [
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.9",
        "[::1]:9",
    ]
