"""Ranks: how far somebody's roles in a channel go. A higher number stands above a lower one."""

from collections.abc import Iterable

from airchat.protocol.channels import ROLES
from airchat.protocol.errors import Forbidden

_RANKS = {role: len(ROLES) - place for place, role in enumerate(ROLES)}

TOP = len(ROLES) + 1
"""The rank of who may moderate whatever their roles."""


def rank(roles: Iterable[str]) -> int:
    """Return the rank of somebody with these roles; 0 with none."""
    return max((_RANKS[role] for role in roles), default=0)


def is_halfop(roles: Iterable[str]) -> bool:
    """Tell whether these roles make at least a halfop."""
    return rank(roles) >= _RANKS["halfop"]


def is_operator(roles: Iterable[str]) -> bool:
    """Tell whether these roles make at least an operator."""
    return rank(roles) >= _RANKS["operator"]


def require_operator(own: int) -> None:
    """Do nothing when that is at least an operator's rank.

    Raises:
        Forbidden: it is less.
    """
    if own < _RANKS["operator"]:
        raise Forbidden("You are no operator of this channel")


def require_grant(own: int, role: str) -> None:
    """Do nothing when somebody of that rank may give and take the role.

    Operators deal out theirs and those below, halfops voices; founders and admins are made by those above them.

    Raises:
        Forbidden: they may not.
    """
    if role == "voice" and own >= _RANKS["halfop"]:
        return
    require_operator(own)
    if _RANKS[role] > own or (role == "admin" and own == _RANKS["admin"]):
        raise Forbidden(f"Only those above may give or take the role {role}")


def require_over(own: int, roles: frozenset[str]) -> None:
    """Do nothing when somebody of that rank may remove a member with these roles.

    Operators may remove each other, but neither founders nor admins; halfops those with a voice at most.

    Raises:
        Forbidden: they may not.
    """
    if own < _RANKS["halfop"]:
        raise Forbidden("You are no operator of this channel")
    theirs = rank(roles)
    equals = own == theirs == _RANKS["operator"]
    if own <= theirs and not equals:
        raise Forbidden("They stand no lower than you in this channel")
