"""``/interactions``: the first answer to one."""

from .call import Answer, Call, Route


def callback(call: Call) -> Answer:
    """Answer within three seconds; later there is no such interaction."""
    interaction = call.interactions.find(call.args["token"])
    message = call.interactions.answer(interaction, call.body["type"], call.body.get("data") or {})
    if call.query.get("with_response", "").lower() not in {"1", "true"}:
        return None
    resource = {"type": call.body["type"]} | ({"message": message.render()} if message else {})
    told = {"id": interaction.id, "type": interaction.type, "response_message_id": message.id if message else None}
    return {"interaction": told, "resource": resource}


ROUTES = [Route("POST", "/interactions/{interaction}/{token}/callback", callback, open=True)]
