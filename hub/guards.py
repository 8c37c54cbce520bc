"""Guards in the composition: from the settings to the rules of the gate."""

from hub.core.budgets import DEFAULTS, Budget, Rules
from hub.sections import BudgetSection
from hub.settings import Settings
from store.ports.wakes import Scope

_NO_LIMITS = {"per", "name", "streak"}


def guard_rules(settings: Settings) -> Rules | None:
    """Return the rules; None when guards are switched off."""
    section = settings.guards
    if not section.enabled:
        return None
    general = {scope: DEFAULTS[scope] | _limits(settings, scope, None) for scope in Scope}
    budgets: dict[tuple[Scope, str | None], Budget] = {(scope, None): Budget(general[scope]) for scope in Scope}
    for entry in settings.budgets:
        if entry.name is not None:
            scope = Scope(entry.per)
            budgets[scope, entry.name] = Budget(general[scope] | _limits(settings, scope, entry.name))
    streaks = {it.name: it.streak for it in settings.budgets if it.name is not None and it.streak is not None}
    return Rules(
        streak=section.streak,
        hops=section.hops,
        pair_per_minute=section.pair_per_minute,
        pair_per_hour=section.pair_per_hour,
        streaks=streaks,
        budgets=budgets,
    )


def _limits(settings: Settings, scope: Scope, name: str | None) -> dict[str, float]:
    """Return the limits that the settings name for a scope: for all, or for one of that name."""
    found: dict[str, float] = {}
    for entry in settings.budgets:
        if (entry.per, entry.name) == (scope.value, name):
            found |= _given(entry)
    return found


def _given(entry: BudgetSection) -> dict[str, float]:
    return entry.model_dump(exclude=_NO_LIMITS, exclude_none=True)
