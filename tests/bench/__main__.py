"""Measures the hub, prints each figure beside its target and writes docs/performance.md.

Only a full run, which measures everything there is, writes the page anew; `--update` replaces what was measured.
"""

import argparse
import dataclasses
import json
import sys
import tempfile
from pathlib import Path

import tests.bench.irc.replay
import tests.bench.irc.start
from tests.bench import (
    bridges,
    delivery,
    growth,
    hook,
    memory,
    reading,
    replay,
    report,
    send,
    send_postgres,
    start,
    two_hubs,
    wake,
)
from tests.bench.benchmark import Benchmark, Figure, Setting
from tests.bench.irc import connections, fanout, fuzzing, latency
from tests.bench.library import Library
from tests.bench.progress import Progress

LARGEST, QUICK = 1_000_000, 100_000

BENCHMARKS = (
    Benchmark(("P1",), "sending, SQLite", send.measure),
    Benchmark(("P2",), "sending, Postgres", send_postgres.measure),
    Benchmark(("P3",), "delivery to subscribers", delivery.measure),
    Benchmark(("P4",), "IRC fan-out", fanout.one_channel),
    Benchmark(("P5",), "IRC fan-out, many channels", fanout.many_channels),
    Benchmark(("P6",), "IRC delivery", latency.measure),
    Benchmark(("P7",), "IRC connections", connections.measure),
    Benchmark(("P8",), "reading and searching", reading.measure),
    Benchmark(("P9",), "replay", replay.measure),
    Benchmark(("P9",), "replay over IRC", tests.bench.irc.replay.measure),
    Benchmark(("P10",), "two hubs", two_hubs.measure),
    Benchmark(("P11",), "starting", start.measure),
    Benchmark(("P11",), "starting IRC", tests.bench.irc.start.measure),
    Benchmark(("P12",), "memory", memory.measure),
    Benchmark(("P13",), "the prompt hook", hook.measure),
    Benchmark(("P14",), "growth", growth.measure),
    Benchmark(("P15",), "fuzzing IRC", fuzzing.measure),
    Benchmark(("P16",), "waking an agent", wake.measure),
    Benchmark(("P17",), "bridging a message", bridges.latency),
    Benchmark(("P18",), "bridging in a storm", bridges.storm),
)


def main() -> int:
    """Run what was asked for; 1 when a target is missed."""
    arguments = _arguments()
    wanted = {key.strip().upper() for key in arguments.only.split(",") if key.strip()}
    chosen = [one for one in BENCHMARKS if not wanted or wanted & set(one.keys)]
    unknown = wanted - {key for one in BENCHMARKS for key in one.keys}
    if unknown:
        sys.stderr.write(f"There is no {', '.join(sorted(unknown))}.\n")
        return 2
    figures = _run(chosen, quick=arguments.quick, soak=arguments.soak)
    if arguments.json:
        print(
            json.dumps({"machine": report.machine(), "figures": [dataclasses.asdict(it) for it in figures]}, indent=2)
        )
    if arguments.update:
        report.update(figures)
    elif not wanted and not arguments.quick:
        report.write(figures)
    return int(any(figure.met is False for figure in figures))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", default="", help="targets to measure, e.g. p1,p8")
    parser.add_argument("--update", action="store_true", help="put what is measured into the page, the rest stays")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON, with every detail")
    parser.add_argument("--quick", action="store_true", help=f"try it out: {QUICK:,} messages and shorter times")
    parser.add_argument("--soak", action="store_true", help="load for an hour where memory is measured")
    return parser.parse_args()


def _run(benchmarks: list[Benchmark], *, quick: bool, soak: bool) -> list[Figure]:
    progress = Progress(len(benchmarks))
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="airchat-bench-") as name:
        library = Library(Path(name) / "library", QUICK if quick else LARGEST, progress.say)
        library.folder.mkdir()
        for benchmark in benchmarks:
            progress.begin(benchmark.title)
            with tempfile.TemporaryDirectory(dir=name) as folder:
                found = benchmark.run(Setting(Path(folder), library, progress.say, quick, soak))
            progress.clear()
            for figure in found:
                sys.stderr.write(report.line(figure) + "\n")
            figures += found
    return figures


if __name__ == "__main__":
    sys.exit(main())
