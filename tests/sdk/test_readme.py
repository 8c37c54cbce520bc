"""The examples of the readme do what they say."""

import re
from pathlib import Path

import airchat

README = Path(airchat.__file__).parent.parent / "README.md"


def test_example_for_tests_works() -> None:
    example = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)[1]
    assert "FakeHub" in example
    exec(example, {})  # noqa: S102 - our own text


def test_every_name_that_the_examples_use_exists() -> None:
    methods = set(re.findall(r"client\.(\w+)\(", README.read_text()))
    assert methods == {"send_message", "check_mentions", "stream"}
    assert methods <= set(dir(airchat.AirChatClient))
