"""What a person reads in Block Kit blocks, and the buttons in them."""

from collections.abc import Iterator
from typing import Any

from .settings import Json


def readable(blocks: list[Json]) -> str:
    """The blocks as plain lines; controls such as buttons are left out."""
    lines = (_block(block) for block in blocks)
    return "\n".join(line for line in lines if line)


def actions(blocks: list[Json]) -> Iterator[tuple[str, Json]]:
    """Every interactive element with the ``block_id`` it lives in."""
    for block in blocks:
        candidates = [*block.get("elements", ()), block.get("accessory")]
        for element in candidates:
            if isinstance(element, dict) and "action_id" in element:
                yield block.get("block_id", ""), element


def _block(block: Json) -> str:
    kind = block.get("type")
    if kind == "rich_text":
        return "\n".join(_rich(element) for element in block.get("elements", ()))
    if kind == "context":
        return " ".join(filter(None, (_text(part) for part in block.get("elements", ()))))
    if kind in {"section", "header", "markdown"}:
        parts = [block.get("text"), *block.get("fields", ())]
        return "\n".join(filter(None, (_text(part) for part in parts)))
    return ""


def _text(part: Any) -> str:
    if isinstance(part, dict):
        return str(part.get("text", ""))
    return part if isinstance(part, str) else ""


def _rich(element: Json) -> str:
    kind = element.get("type")
    if "elements" in element:
        glue = "\n" if kind == "rich_text_list" else ""
        return glue.join(_rich(child) for child in element["elements"])
    if kind == "user":
        return f"<@{element['user_id']}>"
    if kind == "emoji":
        return f":{element['name']}:"
    return str(element.get("text") or element.get("url", ""))
