"""Reservations over HTTP, as the hooks read them."""

from tests.hub.api.site import Caller

PLACE = "/api/v2/reservations"


async def test_files_are_reserved_listed_and_given_back(ann: Caller, bob: Caller) -> None:
    body = {"project": "shop", "pattern": "src/**/*.py", "purpose": "rewrite"}
    made = (await ann.post(PLACE, body)).data["reservation"]
    assert (made["agent_name"], made["lease_seconds"], made["purpose"]) == ("ann", 1800, "rewrite")
    refused = await bob.post(PLACE, {"project": "shop", "pattern": "src/db.py"})
    assert (refused.status, refused.body["code"]) == (409, "conflict")
    assert "ann has reserved src/**/*.py" in refused.body["error"]
    assert (await bob.get(PLACE, project="shop")).data["reservations"] == [made]
    assert (await bob.get(PLACE, project="other")).data["reservations"] == []
    assert (await bob.ask("DELETE", f"{PLACE}/{made['id']}")).status == 403
    assert (await ann.ask("DELETE", f"{PLACE}/{made['id']}")).data["reservation"] == made
    assert (await ann.ask("DELETE", f"{PLACE}/{made['id']}")).status == 404
    bad = await ann.post(PLACE, {"project": "shop", "pattern": "/etc"})
    assert (bad.status, bad.body["field"]) == (400, "pattern")
