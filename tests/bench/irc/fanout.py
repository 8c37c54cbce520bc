"""P4 and P5: how many lines a second reach the members of a channel, and of many channels, beside ngircd."""

from statistics import median

from tests.bench.benchmark import Figure, Setting, told
from tests.bench.irc.plan import Outcome, Plan, Server, run
from tests.bench.irc.servers import hub_with_irc, ngircd

_ROUNDS = 5
_SECONDS = 4.0
_ONE_CHANNEL = {100: 0.5, 500: 1.0, 1_000: 1.0}
_MANY = (50, 20)
_MANY_TARGET = 0.7


def one_channel(setting: Setting) -> list[Figure]:
    """Measure P4."""
    return [
        _measured(setting, "P4", f"IRC fan-out, 1 sender, {receivers:,} receivers", (1, receivers), target)
        for receivers, target in _ONE_CHANNEL.items()
    ]


def many_channels(setting: Setting) -> list[Figure]:
    """Measure P5."""
    channels, receivers = _MANY
    work = f"IRC fan-out, {channels} channels with a sender and {receivers} receivers each"
    return [_measured(setting, "P5", work, _MANY, _MANY_TARGET)]


def _measured(setting: Setting, key: str, work: str, shape: tuple[int, int], target: float) -> Figure:
    channels, receivers = shape
    clients = channels * (receivers + 1)
    pairs: list[tuple[Outcome, Outcome]] = []
    for number in range(_ROUNDS):
        setting.say(f"{work}, round {number + 1}")
        folder = setting.folder / f"{key}-{receivers}-{number}"
        folder.mkdir()
        with ngircd(folder, clients) as bare:
            yardstick = _run(bare, shape, setting)
        with hub_with_irc(folder, clients) as (_, server):
            pairs.append((_run(server, shape, setting), yardstick))
    ratios = [hub.deliveries / bare.deliveries for hub, bare in pairs]
    rate, missing = median(hub.deliveries for hub, _ in pairs), sum(hub.missing for hub, _ in pairs)
    return Figure(
        key,
        work,
        f">= {target:.1f} of the yardstick, 0 missing",
        f"{rate:,.0f} lines/s ({rate / receivers:,.0f} messages/s, all stored); {missing} missing",
        f"ngircd, which stores nothing: {median(bare.deliveries for _, bare in pairs):,.0f} lines/s",
        told(ratios),
        median(ratios) >= target and not missing,
        {
            "hub": [(it.deliveries, it.cpu, it.generator_cpu) for it, _ in pairs],
            "ngircd": [(it.deliveries, it.cpu, it.generator_cpu, it.missing) for _, it in pairs],
        },
    )


def _run(server: Server, shape: tuple[int, int], setting: Setting) -> Outcome:
    channels, receivers = shape
    return run(Plan(server, channels, receivers, setting.seconds(_SECONDS)))
