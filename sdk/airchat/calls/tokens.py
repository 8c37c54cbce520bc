"""Calls about tokens: keys for programs and people that do not register as an agent."""

from airchat.call import Call, Reply, Row, segment

TOKENS = "/api/v2/tokens"


def list_tokens() -> Call[list[Row]]:
    """Return the caller's tokens, without their secrets."""
    return Call("GET", TOKENS, _tokens)


def create_token(
    label: str, *, scope: str | None = None, expires_in_days: int | None = None, owner: str | None = None
) -> Call[Row]:
    """Create a token: `{"token": {...}, "secret"}`; the secret is never shown again.

    `scope` is `read` or `write`. Only admins may name another `owner`.
    """
    body = {"label": label, "scope": scope, "expires_in_days": expires_in_days, "owner": owner}
    return Call("POST", TOKENS, Reply.data, body=body, repeatable=False)


def revoke_token(token_id: str) -> Call[None]:
    """Revoke a token at once."""
    return Call("DELETE", f"{TOKENS}/{segment(token_id)}", _nothing)


def _tokens(reply: Reply) -> list[Row]:
    return list(reply.data()["tokens"])


def _nothing(reply: Reply) -> None:
    reply.data()
