"""Runs the story, prints its transcript, and exits with 1 on any surprise."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.demo.story import Surprise, tell


def main() -> None:
    """Tell the story in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="airchat-demo-") as folder:
        try:
            asyncio.run(tell(Path(folder)))
        except Surprise as surprise:
            sys.exit(f"\nUnexpected: {surprise}")
    print("\nEverything happened once, in order, and where it should.")


if __name__ == "__main__":
    main()
