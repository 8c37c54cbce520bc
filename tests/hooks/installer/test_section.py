import pytest

from hooks.installer.section import put, take


@pytest.mark.parametrize("text", ["", "# Mine\n", "# Mine", "# Mine\n\n", "# Mine\n\n\n- a\n"])
def test_section_comes_and_goes(text: str) -> None:
    changed = put(text, "# AirChat\n\nold")
    assert changed.startswith(text)
    assert put(changed, "# AirChat\n\nold") == changed
    assert take(changed).rstrip("\n") == text.rstrip("\n")


def test_new_text_takes_the_place_of_the_old() -> None:
    text = put("before\n", "old") + "behind\n"
    changed = put(text, "new")
    assert "old" not in changed
    assert changed.index("before") < changed.index("new") < changed.index("behind")
    assert take(changed) == "before\nbehind\n"


def test_text_without_section_stays() -> None:
    assert take("# Mine\n<!-- airchat: end -->\n") == "# Mine\n<!-- airchat: end -->\n"
