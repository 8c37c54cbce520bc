from hypothesis import given
from hypothesis import strategies as st

from bridges.slack.text import from_slack, mentioned_users, to_slack

NAMES = {"U1": "alice-slack", "U2": "bob"}
IDS = {name: user for user, name in NAMES.items()}


def read(text: str) -> str:
    return from_slack(text, lambda user: NAMES.get(user, user))


@given(st.text())
def test_any_text_comes_back_as_it_was(text: str) -> None:
    assert read(to_slack(text, lambda _name: None)) == text


@given(st.text(alphabet="@<>!&U12|abeilc-ohrn #*", max_size=60))
def test_text_of_the_hub_addresses_only_known_names(text: str) -> None:
    sent = to_slack(text, IDS.get)
    assert set(mentioned_users(sent)) <= set(NAMES)
    assert "<!" not in sent
    assert read(sent).lower() == text.lower()


def test_entities_become_plain_text() -> None:
    assert read("<@U1> &amp; <@U2|bob>: <#C1|general> <#C2> <!here> <!subteam^S1|@team>") == (
        "@alice-slack & @bob: #general #C2 @here @team"
    )
    assert read("<https://a.b/?x=1&amp;copy=2> <https://a.b|site> <mailto:a@b.c|a@b.c>") == (
        "https://a.b/?x=1&copy=2 [site](https://a.b) a@b.c"
    )


def test_mention_ends_where_the_name_does() -> None:
    assert to_slack("ask @bob, not x@bob or @bobby; @BOB- too", IDS.get) == (
        "ask <@U2>, not x@bob or @bobby; <@U2>- too"
    )


def test_users_are_named_once() -> None:
    assert mentioned_users("<@U2> <@U1|a> <@U2> <#C1> <!here>") == ["U2", "U1"]
