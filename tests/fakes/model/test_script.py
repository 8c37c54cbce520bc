import pytest

from tests.fakes.model.script import answer, read_script, say


def test_answers_end_with_their_tool() -> None:
    steps = read_script('Please:\n@@say first\n@@also a {"x": 1}\n  @@tool b\n@@sleep 2\n@@say last\nthanks')
    assert [step.content for step in steps] == [
        [
            say("first"),
            {"type": "tool_use", "name": "a", "input": {"x": 1}},
            {"type": "tool_use", "name": "b", "input": {}},
        ],
        [say("last")],
    ]
    assert [(step.sleep, step.stop_reason) for step in steps] == [(0.0, "tool_use"), (2.0, "end_turn")]


def test_script_at_its_end_is_done() -> None:
    steps = read_script("@@tool a")
    assert answer(steps, 1).content == [say("Done.")]
    assert answer([], 0).content == [say("Done.")]


@pytest.mark.parametrize("line", ["@@shout hi", "@@tool a {", "@@sleep long"])
def test_wrong_directive_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        read_script(line)
