"""`airchat-hub tokens`: keys for people and programs, shown once and stored as hashes."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from airchat.protocol.rows import credential_row
from airchat.protocol.timestamps import DAY
from hub.cli.console import AsJson, report, show, show_one
from hub.cli.session import Config, administer

if TYPE_CHECKING:  # slow import
    from hub.administration import Administration

app = typer.Typer(help="Keys for people and programs.", no_args_is_help=True)

Owner = Annotated[str, typer.Argument(help="The person or agent it belongs to.")]


@app.command("list")
def list_tokens(owner: Owner, config: Config = None, as_json: AsJson = False) -> None:
    """List somebody's tokens and keys."""

    async def work(hub: "Administration") -> list[dict[str, object]]:
        return [credential_row(credential) for credential in await hub.cases.credentials.list(hub.actor, owner)]

    rows = administer(config, work)
    columns = ("id", "kind", "label", "scope", "created_at", "last_used_at", "revoked_at")
    show(rows, columns, as_json=as_json, empty=f"{owner} has no tokens.")


@app.command()
def create(  # noqa: PLR0917 - options are named when they are used
    owner: Owner,
    label: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[Literal["read", "write"], typer.Option(help="What it may do.")] = "write",
    days: Annotated[int | None, typer.Option(min=1, help="After how many days it expires; never without.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Create a token and print it: the only time it is shown."""

    async def work(hub: "Administration") -> dict[str, object]:
        expires_at = None if days is None else hub.clock() + days * DAY
        credential, secret = await hub.cases.credentials.create_token(hub.actor, owner, label, scope, expires_at)
        return {**credential_row(credential), "secret": secret}

    show_one(administer(config, work), as_json=as_json)


@app.command()
def revoke(
    token_id: Annotated[str, typer.Argument(help="From `tokens list`.")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Make a token or key useless at once."""

    async def work(hub: "Administration") -> dict[str, object]:
        return credential_row(await hub.cases.credentials.revoke(hub.actor, token_id))

    report("It is revoked.", administer(config, work), as_json=as_json)
