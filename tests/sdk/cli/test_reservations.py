import json

from tests.sdk.cli.conftest import Run
from tests.sdk.server import StubHub


def test_files_are_reserved_listed_and_given_back(run: Run, stub: StubHub) -> None:
    other = stub.fake.client("other")
    other.reserve_files("shop", "docs")
    assert run("reservations", "--of", "web").out == "No files are reserved.\n"
    assert run("reserve", "src/", "new", "schema", "--of", "shop").out.startswith("src of shop is yours until 20")
    taken = run("reserve", "docs/a.md", "--of", "shop")
    assert (taken.code, taken.err) == (1, "airchat: 409: fake-other has reserved docs, which overlaps\n")
    listed = json.loads(run("reservations", "--of", "shop", "--json").out)
    assert [(row["pattern"], row["purpose"]) for row in listed] == [("docs", None), ("src", "new schema")]
    assert "shop: docs" in run("reservations", "--all").out
    assert run("release", "docs", "--of", "shop").err == "airchat: Nothing of shop is reserved as 'docs'.\n"
    assert run("release", "src/", "--of", "shop").out == "src of shop is free.\n"
    assert run("release", listed[0]["id"][:8], "--of", "shop").code == 1
