import base64

import pytest

from airchat.protocol.errors import HubError
from airchat.protocol.principals import Kind, Principal, Role
from bridges.irc.accounts.login import Login
from bridges.irc.accounts.sasl import CHUNK, ChunkTooLong, Conversation, chunks

ANN = Login(Principal("01890a5d-ac96-774b-bcce-b302099a8057", Kind.PERSON, "ann", Role.MEMBER, 0))


class Recorder:
    """Takes whatever it is given for the right answer."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    async def answer(self, data: bytes) -> bytes | Login:
        self.heard.append(data)
        return ANN


@pytest.mark.parametrize("size", [0, 1, 299, 300, 301, 600, 900])
async def test_whatever_is_cut_into_chunks_is_put_together_again(size: int) -> None:
    data, recorder = bytes(range(256)) * 4, Recorder()
    conversation = Conversation(recorder)
    parts = chunks(data[:size])
    answers = [await conversation.take(part) for part in parts]
    assert answers == [*[None] * (len(parts) - 1), ANN]
    assert recorder.heard == [data[:size]]
    assert max(len(part) for part in parts) <= CHUNK


async def test_neither_a_long_chunk_nor_many_are_taken() -> None:
    with pytest.raises(ChunkTooLong):
        await Conversation(Recorder()).take("A" * (CHUNK + 1))
    conversation = Conversation(Recorder())
    for _ in range(16):
        assert await conversation.take("A" * CHUNK) is None
    with pytest.raises(HubError, match="too long"):
        await conversation.take("A" * CHUNK)


@pytest.mark.parametrize("text", ["!!!", "A", "AA=A", "é", base64.b64encode(b"x").decode() + " "])
async def test_what_is_no_base64_proves_nothing(text: str) -> None:
    recorder = Recorder()
    with pytest.raises(HubError, match="base64"):
        await Conversation(recorder).take(text)
    assert recorder.heard == []
