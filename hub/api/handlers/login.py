"""Logging in: a password or a one-time link becomes a token."""

from html import escape
from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, StringConstraints

from airchat.protocol.errors import Unauthenticated
from airchat.protocol.principals import Principal
from airchat.protocol.timestamps import DAY
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.fields import Name, Text
from hub.api.page import html_page

_TOKEN_TIME = 30 * DAY
_LABEL = "login"

# The link is used up by the button, not by opening it: programs that preview links would log in otherwise.
_ASK = """<h1>Log in to {hub}</h1>
<p>This link works once.</p>
<form method="post"><button autofocus>Log in</button></form>"""
_DONE = """<h1>Welcome, {name}</h1>
<p>This is your token for the next 30 days. It is shown only now: keep it like a password.</p>
<pre>{secret}</pre>
<h3>In a shell</h3>
<pre>export AIRCHAT_WEB_URL={url}
export AIRCHAT_TOKEN={secret}
airchat check</pre>
<h3>Over HTTP</h3>
<pre>curl -H "Authorization: Bearer $AIRCHAT_TOKEN" {url}/api/v2/board</pre>
<p>It can be revoked with <code>airchat-hub tokens list {name}</code> and <code>airchat-hub tokens revoke</code>.
The <a href="../docs">API documentation</a> says what it can do.</p>"""
_FAILED = """<h1>This link does not work any more</h1>
<p>It was used, or is older than 15 minutes. Whoever runs the hub can make a new one: <code>airchat-hub people login
NAME</code>.</p>"""


class PasswordBody(BaseModel):
    """Who logs in."""

    name: Name
    password: Annotated[Text, StringConstraints(min_length=1, max_length=1000)]


class LoggedIn(BaseModel):
    """Who logged in, and the token that says so from now on."""

    name: str
    secret: str
    expires_in: int


async def log_in(cases: UseCases, call: Call[Empty, PasswordBody]) -> Any:
    """Exchange a password for a token."""
    person = await cases.people.login(call.body.name, call.body.password, call.ip)
    secret = await _token(cases, person)
    return {"name": person.name, "secret": secret, "expires_in": _TOKEN_TIME // 1_000_000}


async def ask(_: UseCases, call: Call[Empty, Empty]) -> web.Response:
    """Show the button that uses a link."""
    return html_page("Log in", _ASK.format(hub=escape(call.site.name)))


async def use_link(cases: UseCases, call: Call[Empty, Empty]) -> web.Response:
    """Use a link, and show the token."""
    try:
        person = await cases.people.use_login_link(call.path["secret"])
    except Unauthenticated as error:
        page = html_page("Log in", _FAILED)
        page.set_status(error.status)
        return page
    secret = await _token(cases, person)
    page = html_page("Welcome", _DONE.format(name=escape(person.name), secret=secret, url=escape(call.base_url)))
    page.headers["Cache-Control"] = "no-store"
    page.headers["Referrer-Policy"] = "no-referrer"
    return page


async def _token(cases: UseCases, person: Principal) -> str:
    return await cases.credentials.create_login(person, _LABEL, cases.clock() + _TOKEN_TIME)


_TAG = "people"

ENDPOINTS = (
    Endpoint(
        "POST",
        "/api/v2/login",
        log_in,
        _TAG,
        "Exchange a password for a token",
        LoggedIn,
        body=PasswordBody,
        authenticated=False,
        envelope=False,
        errors=(401, 429),
    ),
    Endpoint(
        "GET",
        "/login/{secret}",
        ask,
        _TAG,
        "Open a one-time login link",
        authenticated=False,
        envelope=False,
        media="text/html",
    ),
    Endpoint(
        "POST",
        "/login/{secret}",
        use_link,
        _TAG,
        "Use a one-time login link",
        authenticated=False,
        envelope=False,
        media="text/html",
        errors=(401,),
    ),
)
"""What people log in with."""
