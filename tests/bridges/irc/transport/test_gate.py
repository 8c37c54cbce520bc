from bridges.irc.transport.gate import Admission, Gate, GateLimits

PLENTY = GateLimits(total=0, per_address=0, per_minute=0, unsettled=0, loopback_free=False)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def admitted(gate: Gate, address: str) -> Admission:
    ticket = gate.admit(address)
    assert isinstance(ticket, Admission), ticket
    return ticket


def test_zero_is_no_limit() -> None:
    gate = Gate(PLENTY)
    for _ in range(500):
        admitted(gate, "192.0.2.1")


def test_address_has_so_many_connections_at_a_time() -> None:
    gate = Gate(GateLimits(per_address=2, per_minute=0))
    first, _ = admitted(gate, "192.0.2.1"), admitted(gate, "192.0.2.1")
    assert gate.admit("192.0.2.1") == "Too many connections from your address"
    admitted(gate, "192.0.2.2")
    first.release()
    first.release()
    admitted(gate, "192.0.2.1")
    assert gate.admit("192.0.2.1") == "Too many connections from your address"


def test_network_of_64_bits_is_one_address() -> None:
    gate = Gate(GateLimits(per_address=1, per_minute=0))
    admitted(gate, "2001:db8:0:1::1")
    assert gate.admit("2001:db8:0:1:ffff::2") == "Too many connections from your address"
    admitted(gate, "2001:db8:0:2::1")


def test_mapped_address_is_the_one_it_maps() -> None:
    gate = Gate(GateLimits(per_address=1, per_minute=0))
    admitted(gate, "::ffff:192.0.2.1")
    assert gate.admit("192.0.2.1") == "Too many connections from your address"
    admitted(gate, "::ffff:192.0.2.2")


def test_address_comes_so_often_in_a_minute() -> None:
    clock = Clock()
    gate = Gate(GateLimits(per_minute=2), clock)
    admitted(gate, "192.0.2.1").release()
    clock.now += 30
    admitted(gate, "192.0.2.1").release()
    refusal = "Too many new connections from your address; wait a minute"
    assert gate.admit("192.0.2.1") == refusal
    clock.now += 30.1
    admitted(gate, "192.0.2.1")
    assert gate.admit("192.0.2.1") == refusal


def test_total_is_bounded() -> None:
    gate = Gate(GateLimits(total=2))
    tickets = [admitted(gate, f"192.0.2.{number}") for number in range(2)]
    assert gate.admit("192.0.2.9") == "The server is full"
    tickets[0].release()
    admitted(gate, "192.0.2.9")


def test_unsettled_clients_are_bounded() -> None:
    gate = Gate(GateLimits(unsettled=1))
    first = admitted(gate, "192.0.2.1")
    assert gate.admit("192.0.2.2") == "Too many clients are connecting"
    first.settle()
    first.settle()
    second = admitted(gate, "192.0.2.2")
    assert gate.admit("192.0.2.3") == "Too many clients are connecting"
    second.release()
    admitted(gate, "192.0.2.3")


def test_loopback_is_free_if_it_is_said() -> None:
    strict = GateLimits(per_address=1, loopback_free=False)
    free = GateLimits(per_address=1, per_minute=1, unsettled=1, total=1)
    for address in ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"):
        gate = Gate(free)
        admitted(gate, address)
        admitted(gate, address)
        gate = Gate(strict)
        admitted(gate, address)
        assert gate.admit(address) == "Too many connections from your address"


def test_nothing_is_kept_of_those_who_left() -> None:
    gate = Gate(GateLimits(per_minute=1))
    for number in range(20_000):
        admitted(gate, f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}").release()
    assert gate._open == {}
    assert len(gate._arrivals) == 10_000
