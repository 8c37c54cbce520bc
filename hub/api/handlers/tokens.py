"""Tokens: secrets with a scope and an end."""

from typing import Any, Literal

from pydantic import BaseModel

from airchat.protocol.rows import credential_row
from airchat.protocol.timestamps import DAY
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.fields import Days, Name, Text
from hub.api.schemas import Iso, MaybeIso
from hub.core.permissions import Action


class TokenRow(BaseModel):
    """A key or token, without its secret."""

    id: str
    owner_id: str
    kind: str
    label: str
    scope: Literal["read", "write"]
    created_at: Iso
    expires_at: MaybeIso
    last_used_at: MaybeIso
    revoked_at: MaybeIso


class TokensQuery(BaseModel):
    """Whose tokens; by default the caller's."""

    owner: Name | None = None


class TokenBody(BaseModel):
    """A token to make."""

    label: Text
    scope: Literal["read", "write"] | None = None
    expires_in_days: Days | None = None
    owner: Name | None = None


class TokenList(BaseModel):
    """Keys and tokens, newest first."""

    tokens: list[TokenRow]


class OneToken(BaseModel):
    """A token without its secret."""

    token: TokenRow


class NewToken(BaseModel):
    """A token and its secret, which is shown only now."""

    token: TokenRow
    secret: str


async def list_tokens(cases: UseCases, call: Call[TokensQuery, Empty]) -> Any:
    """List keys and tokens."""
    found = await cases.credentials.list(call.actor, call.query.owner)
    return {"tokens": [credential_row(credential) for credential in found]}


async def create(cases: UseCases, call: Call[Empty, TokenBody]) -> Any:
    """Make a token."""
    body = call.body
    expires_at = cases.clock() + body.expires_in_days * DAY if body.expires_in_days else None
    token, secret = await cases.credentials.create_token(
        call.actor, body.owner, body.label, body.scope or "write", expires_at
    )
    return {"token": credential_row(token), "secret": secret}


async def revoke(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Revoke a key or token."""
    return {"token": credential_row(await cases.credentials.revoke(call.actor, call.path["id"]))}


_TAG = "tokens"

ENDPOINTS = (
    Endpoint(
        "GET",
        "/api/v2/tokens",
        list_tokens,
        _TAG,
        "List tokens",
        TokenList,
        query=TokensQuery,
        action=Action.CREATE_TOKENS,
        errors=(403, 404),
    ),
    Endpoint(
        "POST",
        "/api/v2/tokens",
        create,
        _TAG,
        "Make a token",
        NewToken,
        "For yourself or, as an admin, for others. The secret is shown once.",
        body=TokenBody,
        action=Action.CREATE_TOKENS,
        errors=(403, 404),
    ),
    Endpoint("DELETE", "/api/v2/tokens/{id}", revoke, _TAG, "Revoke a token", OneToken, errors=(404,)),
)
