"""The command `airchat-hook`: one word says for which event of Claude Code it runs.

It must never get in a user's way: whatever goes wrong is silent, the exit code is 0, and a hub that hangs is given up
in time. What only looks at a file loads next to nothing; the rest is imported where it is needed.
"""

import os
import sys
import time
from io import TextIOWrapper

PATIENCE = 2.5
"""Seconds after which a hook ends, done or not: with the start of the interpreter that is less than 3."""

USAGE = "usage: airchat-hook [prompt | session-start | stop | guard | wait]   (run by Claude Code, see `airchat setup`)"


def main() -> None:
    """Run the hook, and end the process at once when it is done."""
    word = sys.argv[1] if len(sys.argv) > 1 else "prompt"
    code = 0
    try:
        for stream in (sys.stdout, sys.stderr):  # Claude Code reads UTF-8, whatever the locale is
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(encoding="utf-8")
        code = _run(word)
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001 - whatever it was: the prompt goes on as if nothing had been
        _note(word, error)
    os._exit(code)  # loaded modules need no tidying


def _run(word: str) -> int:
    """Run one hook; returns the exit code, which is 0 but for what is to wake an agent."""
    # A slow import, each: on most prompts only one is made, and that of a small module.
    match word:
        case "prompt":
            _limit(PATIENCE)
            from hooks import prompt  # noqa: PLC0415

            prompt.run()
        case "session-start":
            _limit(PATIENCE)
            from hooks import greeting  # noqa: PLC0415

            greeting.run()
        case "stop":
            _limit(PATIENCE)
            from hooks import stop  # noqa: PLC0415

            stop.run()
        case "guard":
            _limit(PATIENCE)
            from hooks import guard  # noqa: PLC0415

            guard.run()
        case "refresh":
            from hooks import reservations  # noqa: PLC0415

            reservations.refresh()
        case "wait":
            from hooks import wait  # noqa: PLC0415

            return wait.run()
        case _:
            print(USAGE, file=sys.stderr)  # noqa: T201 - somebody has typed it
            return 0 if word in {"-h", "--help"} else 1
    return 0


def _note(word: str, error: BaseException) -> None:
    """Note what nobody expects, for `airchat doctor`; a hub that is away it sees by itself."""
    if isinstance(error, Exception) and "AirChatError" not in {kind.__name__ for kind in type(error).__mro__}:
        from hooks.failure import note  # noqa: PLC0415 - seldom needed

        note(word, error)


def _limit(seconds: float) -> None:
    """End the process after so long, even while it is in the middle of a system call."""
    from _thread import start_new_thread  # noqa: PLC0415 - `threading` is slow to import

    def end() -> None:
        time.sleep(seconds)
        os._exit(0)

    start_new_thread(end, ())


if __name__ == "__main__":
    main()
