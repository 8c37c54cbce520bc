import pytest

from airchat.protocol.errors import InvalidInput
from hub.relay.contract.inbound import User
from hub.relay.rules import USUAL, Mirrored, Rules, rules_from

ANN = User("U1", "Ann Smith", roles=frozenset({"R1"}))


def test_usual_rules_take_everybody_and_everything_but_joins() -> None:
    rules = rules_from({})
    assert (rules, Mirrored.JOINS in rules.mirror, len(USUAL)) == (Rules(), False, 6)
    assert rules.takes(ANN)
    assert rules.takes(User("B1", "robot", bot=True))
    assert rules.may_command(ANN)


@pytest.mark.parametrize("entry", ["U1", "ann smith", "@Ann Smith", "R1"])
def test_users_are_named_by_id_name_or_role(entry: str) -> None:
    assert not Rules(ignore=(entry,)).takes(ANN)
    assert Rules(allow=(entry,)).takes(ANN)
    assert Rules(commanders=(entry,)).may_command(ANN)


@pytest.mark.parametrize("entry", ["U", "Ann", "ann smith ", "r1"])
def test_nobody_is_named_by_a_part(entry: str) -> None:
    assert Rules(ignore=(entry,)).takes(ANN)
    assert not Rules(allow=(entry,)).takes(ANN)
    assert not Rules(commanders=(entry,)).may_command(ANN)


def test_bots_can_be_left_out() -> None:
    robot = User("B1", "robot", bot=True)
    assert not Rules(bots=False).takes(robot)
    assert Rules(bots=False).takes(ANN)


def test_rules_are_stored_whole() -> None:
    rules = Rules(frozenset({Mirrored.EDITS}), ("a",), ("b",), ("c",), bots=False, backfill=7)
    assert rules_from(rules.row()) == rules
    with pytest.raises(InvalidInput, match="'all' is none of them"):
        Mirrored.named("all")
