from hypothesis import given
from hypothesis import strategies as st

from hub.core.graphemes import LONGEST, graphemes


@given(st.text(st.sampled_from("ab é漢😀\u0301\u200d\ufe0f🏽🇩🇪👩")))
def test_characters_are_the_whole_text_and_bounded(text: str) -> None:
    found = list(graphemes(text))
    assert "".join(found) == text
    assert all(0 < len(one) <= LONGEST for one in found)


def test_what_readers_see_as_one_character_is_one() -> None:
    assert list(graphemes("ae\u0301👩‍💻👍🏽🇩🇪🇫🇷❤️z")) == ["a", "e\u0301", "👩‍💻", "👍🏽", "🇩🇪", "🇫🇷", "❤️", "z"]
