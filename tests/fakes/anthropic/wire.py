"""An answer as the Messages API sends it: server-sent events, or one JSON object.

The order is that of the vendor's page "Streaming messages": message_start, ping, each block between content_block_start
and content_block_stop, message_delta with the reason to stop and the usage, message_stop.
"""

import json
from collections.abc import Iterator
from typing import Any

from tests.fakes.model.script import Block, Step

PIECE = 40
"""How many characters a delta carries."""


def message(step: Step, number: int, model: str) -> dict[str, Any]:
    """Return the answer as one object; `number` makes its ids unique."""
    content = [
        block | {"id": f"toolu_{number:06}_{place}"} if block["type"] == "tool_use" else block
        for place, block in enumerate(step.content)
    ]
    return {
        "id": f"msg_{number:06}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": step.stop_reason,
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 5, **step.usage},
    }


def events(answer: dict[str, Any]) -> Iterator[bytes]:
    """Give the answer as a stream of events."""
    empty = answer | {"content": [], "stop_reason": None, "usage": answer["usage"] | {"output_tokens": 1}}
    yield event("message_start", message=empty)
    yield event("ping")
    for index, block in enumerate(answer["content"]):
        yield from _block(index, block)
    yield event(
        "message_delta",
        delta={"stop_reason": answer["stop_reason"], "stop_sequence": None},
        usage={"output_tokens": answer["usage"]["output_tokens"]},
    )
    yield event("message_stop")


def event(kind: str, **fields: Any) -> bytes:
    """Return one event."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def _block(index: int, block: Block) -> Iterator[bytes]:
    if block["type"] == "text":
        start, text, delta = {"type": "text", "text": ""}, block["text"], ("text_delta", "text")
    else:
        start, text, delta = block | {"input": {}}, json.dumps(block["input"]), ("input_json_delta", "partial_json")
    yield event("content_block_start", index=index, content_block=start)
    for place in range(0, len(text), PIECE):
        piece = {"type": delta[0], delta[1]: text[place : place + PIECE]}
        yield event("content_block_delta", index=index, delta=piece)
    yield event("content_block_stop", index=index)
