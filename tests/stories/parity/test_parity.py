import pytest

from tests.docs.pages import page
from tests.stories.parity.story import Story
from tests.stories.parity.table import Cell, cells, printed


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("cell", cells(), ids=lambda cell: cell.id)
async def test_cell(story: Story, cell: Cell) -> None:
    await story.check(cell)


def test_table_is_printed_in_the_docs() -> None:
    section = page("bridges.md").partition("## Who sees what")[2].partition("## ")[0]
    assert [line for line in section.splitlines() if line.startswith("|")] == printed()
