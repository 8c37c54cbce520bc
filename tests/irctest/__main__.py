"""Run the public irctest suite against our server, or against another one: `python -m tests.irctest SUITE`.

The suite is a checkout of progval/irctest outside this repository; it is run at the commit that COMMIT names. Its
environment is made once, in SUITE/.venv. The score is printed, written as JSON where --json says, and into the page
that --page names.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.irctest import loopback, score

ROOT = Path(__file__).parents[2]
COMMIT = "b00c0397"
SELECTION = "not implementation-specific and not deprecated and not strict"
TEST_SECONDS = 30


def main() -> int:
    """Run what the command line says; 0 when nothing failed."""
    options = parse()
    suite: Path = options.suite.resolve()
    check(suite)
    if options.page and not options.page.is_file():
        raise SystemExit(f"--page: there is no {options.page} to write the score into")
    python = environment(suite)
    if not loopback.isolate():
        print("No network of its own is allowed here; servers listen on 127.0.0.1.", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="irctest-") as folder:
        results = Path(folder) / "results.jsonl"
        done = subprocess.run(command(python, options), cwd=suite, env=variables(folder, results), check=False)
        outcomes = score.read(results) if results.exists() else []
    print(score.markdown(outcomes))
    if options.json:
        options.json.write_text(json.dumps(score.summary(outcomes), indent=2) + "\n", encoding="utf-8")
    if options.page:
        page = options.page.read_text(encoding="utf-8")
        options.page.write_text(score.inserted(page, outcomes), encoding="utf-8")
    return done.returncode


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.irctest", description="Run the irctest suite.")
    parser.add_argument("suite", type=Path, help="checkout of progval/irctest")
    parser.add_argument("-f", "--file", nargs="*", default=[], help="only these files, as join.py or chmodes/ban.py")
    parser.add_argument("-k", "--keyword", default="", help="only tests whose name matches this")
    parser.add_argument("-n", "--workers", type=int, default=2, help="how many tests run at a time")
    parser.add_argument("-c", "--controller", default="tests.irctest.controller", help="another server's controller")
    parser.add_argument("-v", "--verbose", action="store_true", help="show the lines on the wire of what failed")
    parser.add_argument("--json", type=Path, help="write the score to this file")
    parser.add_argument("--page", type=Path, help="write the score into this page, between its comments")
    return parser.parse_args()


def check(suite: Path) -> None:
    """Tell when the suite is not there, or not as it was when the score was agreed on.

    Raises:
        SystemExit: there is no suite.
    """
    if not (suite / "irctest" / "server_tests").is_dir():
        raise SystemExit(f"{suite} is no checkout of progval/irctest; get one at commit {COMMIT}")
    head = subprocess.run(["git", "-C", str(suite), "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    if not head.stdout.startswith(COMMIT):
        print(f"The suite is at {head.stdout.strip()[:8] or 'no commit'}, not at {COMMIT}.", file=sys.stderr)


def environment(suite: Path) -> Path:
    """Return the suite's Python, making its environment if need be."""
    python = suite / ".venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(suite / ".venv")], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        requirements = ["-r", str(suite / "requirements.txt"), "pytest-timeout", "pytest-xdist"]
        subprocess.run([*pip, *requirements], check=True)
    return python


def command(python: Path, options: argparse.Namespace) -> list[str]:
    """Return the call of pytest."""
    files = [score.FOLDER + name for name in options.file] or [score.FOLDER.rstrip("/")]
    words = [str(python), "-m", "pytest", "-p", "tests.irctest.recorder", "--controller", options.controller]
    words += ["-m", SELECTION, "--timeout", str(TEST_SECONDS), "-q", "-p", "no:cacheprovider"]
    words += ["-n", str(options.workers)] if options.workers > 1 else []
    words += ["-k", options.keyword] if options.keyword else []
    words += [] if options.verbose else ["--tb=no", "--show-capture=no"]
    return words + files


def variables(folder: str, results: Path) -> dict[str, str]:
    """Return the environment of a run: the suite finds its plugins here, and the hub in our own environment."""
    hub = Path(sys.executable).parent / "airchat-hub"
    return {
        "AIRCHAT_IRCTEST_COMMAND": f"{hub} serve",
        **os.environ,
        "AIRCHAT_IRCTEST_RESULTS": str(results),
        "PYTHONPATH": str(ROOT),
        "TMPDIR": folder,
    }


if __name__ == "__main__":
    sys.exit(main())
