"""Benchmarks: `python -m tests.bench` measures the hub against its targets, each beside a yardstick of the same run."""
