from tests.hub.api.site import Caller, Site


async def test_mentions_serve_both_generations_of_clients(site: Site, ann: Caller, bob: Caller) -> None:
    await ann.post("/api/v2/messages", {"channel": "general", "content": "@bob hi", "metadata": {"project": "p"}})
    answer = await bob.get("/api/v2/mentions")
    [mention] = answer.body["mentions"]
    assert answer.data["mentions"] == [mention]
    assert (mention["from"], mention["from_project"], mention["channel"]) == ("ann", "p", "general")
    assert (mention["author_name"], mention["author_project"], mention["channel_name"]) == ("ann", "p", "general")
