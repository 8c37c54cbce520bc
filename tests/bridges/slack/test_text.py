from hypothesis import given
from hypothesis import strategies as st

from bridges.slack.text import LENGTH, Texts, divided, shown, topic, typed, written
from bridges.slack.users import Users
from hub.relay.contract.inbound import User
from hub.relay.markup import Nobody, parse_commonmark, render_slack

IDS = {"alice-slack": "U1", "bob": "U2"}


class Two:
    """Names of a workspace with two members and one linked channel."""

    async def name_of(self, user: User) -> str:
        return next(name for name, user_id in IDS.items() if user_id == user.id)

    def remote_id_of(self, name: str) -> str | None:
        return IDS.get(name)

    def channel_of(self, remote_channel: str) -> str | None:
        return "general" if remote_channel == "C1" else None

    def remote_channel_of(self, name: str) -> str | None:
        return "C1" if name == "general" else None


class Known(Users):
    """Users who need not be looked up."""

    def __init__(self) -> None:
        """Ask nobody."""

    async def get(self, user_id: str) -> User:
        return User(user_id, user_id)


def text_block(text: str, **style: bool) -> dict[str, object]:
    return {"type": "text", "text": text} | ({"style": style} if style else {})


async def test_people_and_channels_are_called_as_on_the_hub() -> None:
    said = "<@U1> &amp; <@U2|bob>: <#C1|somewhere> <#C2|there> <!here> *all* <https://a.b|site>"
    assert await Texts(Known()).read({"text": said}, Two()) == (
        "@alice-slack & @bob: #general #there @here **all** [site](https://a.b)"
    )


async def test_blocks_that_people_write_count_more_than_the_text() -> None:
    section = {"type": "rich_text_section", "elements": [text_block("a*b*c "), text_block("bold", bold=True)]}
    message = {"text": "a*b*c *bold*", "blocks": [{"type": "rich_text", "elements": [section]}]}
    assert await Texts(Known()).read(message, Two()) == "a\\*b\\*c **bold**"


async def test_what_other_apps_hang_below_is_told_when_there_is_nothing_else() -> None:
    attachment = {"pretext": "Build", "title": "red", "title_link": "https://ci/1", "text": "3 tests failed"}
    assert await Texts(Known()).read({"text": "", "attachments": [attachment]}, Two()) == (
        "Build\n[red](https://ci/1)\n3 tests failed"
    )
    assert await Texts(Known()).read({"attachments": [{"fallback": "only this"}]}, Two()) == "only this"


def test_text_of_the_hub_addresses_those_who_are_there() -> None:
    assert written("ask @bob in #general, not @nobody or <!channel>", Two()) == (
        "ask <@U2> in <#C1>, not @\u200bnobody or &lt;!channel&gt;"
    )
    assert "<" not in shown("@bob in #general")


@given(st.text(alphabet="@<>!&U12|abeilc-ohrn #*_~`\n", max_size=60))
def test_no_text_addresses_anybody_else(text: str) -> None:
    sent = written(text, Two())
    for entity in sent.split("<")[1:]:
        assert entity.partition(">")[0] in {"@U1", "@U2", "#C1"}


@given(st.text(max_size=300).map(lambda text: text * 40))
def test_pieces_fit_once_they_are_written(text: str) -> None:
    pieces = divided(text)
    assert all(len(render_slack(parse_commonmark(piece), Nobody())) <= LENGTH for piece in pieces)
    assert all(piece.strip() for piece in pieces)


def test_topic_is_one_line_that_fits() -> None:
    assert topic("a <b>\n& c", 250) == "a &lt;b&gt; &amp; c"
    assert topic("x" * 300, 250) == "x" * 249 + "…"


def test_what_is_typed_keeps_its_words() -> None:
    assert typed("@wren look at a_b_c &amp; *this*") == "@wren look at a_b_c & **this**"
