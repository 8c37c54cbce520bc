"""`make demo` goes as told."""

from pathlib import Path

import pytest

from tests.demo.story import tell


@pytest.mark.slow
async def test_everything_happens_as_told(tmp_path: Path) -> None:
    await tell(tmp_path)
