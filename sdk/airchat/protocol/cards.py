"""Capability cards: checking what an agent says about itself."""

from typing import Any

from airchat.protocol.errors import InvalidInput
from airchat.protocol.limits import CARD_TAGS
from airchat.protocol.names import is_tag
from airchat.protocol.principals import Card

PLANS = ("api", "subscription", "local")
CARD_TEXT_LENGTH = 100


def parse_card(raw: Any) -> Card:
    """Return the normalised card: tags in lower case, each once.

    Raises:
        InvalidInput: `Invalid card: …`, naming the field and its rule.
    """
    if not isinstance(raw, dict):
        raise _invalid("it must be an object")
    card = Card(
        model=_text(raw, "model"),
        harness=_text(raw, "harness"),
        capabilities=_capabilities(raw.get("capabilities")),
        plan=_plan(raw.get("plan")),
    )
    if card == Card():
        raise _invalid("at least one of model, harness, capabilities and plan is needed")
    return card


def card_json(card: Card | None) -> dict[str, Any] | None:
    """Return the card's JSON form without empty fields, or None."""
    if card is None:
        return None
    fields = {"model": card.model, "harness": card.harness, "capabilities": list(card.capabilities), "plan": card.plan}
    return {key: value for key, value in fields.items() if value}


def _text(raw: dict[str, Any], key: str) -> str | None:
    value = raw.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > CARD_TEXT_LENGTH or not value.isprintable():
        raise _invalid(f"{key} must be text of at most {CARD_TEXT_LENGTH} characters without control characters")
    return value.strip() or None


def _capabilities(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > CARD_TAGS or not all(isinstance(tag, str) for tag in value):
        raise _invalid(f"capabilities must be a list of at most {CARD_TAGS} tags")
    tags = tuple(dict.fromkeys(tag.lower() for tag in value))
    if not all(is_tag(tag) for tag in tags):
        raise _invalid("each capability must be a kebab-case tag of at most 50 characters")
    return tags


def _plan(value: Any) -> str | None:
    if value is None:
        return None
    if value not in PLANS:
        raise _invalid(f"plan must be one of {', '.join(PLANS)}")
    return str(value)


def _invalid(rule: str) -> InvalidInput:
    return InvalidInput(f"Invalid card: {rule}", "card")
