"""Accounts whose makers prove an e-mail address, through the real server and a real mail server."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.bridges.irc.server import Client, IrcHub, running_irc_server
from tests.mail_server import MailServer, mail_server

PASSWORD = "correct-horse"
ANN = "ann@example.org"


@pytest.fixture
async def mails() -> AsyncIterator[MailServer]:
    async with mail_server(MailServer()) as server:
        yield server


def by(mails: MailServer, **more: Any) -> dict[str, Any]:
    given = {"host": "127.0.0.1", "port": mails.port, "security": "none", "sender": "hub@example.net"}
    return given | more


@pytest.fixture
async def irc(tmp_path: Path, mails: MailServer) -> AsyncIterator[IrcHub]:
    async with running_irc_server(tmp_path, registration="email", mail=by(mails)) as irc:
        yield irc


async def addresses(irc: IrcHub) -> dict[str, str | None]:
    """Return everybody's address who has an account."""
    async with irc.hub.store.read() as unit:
        return {person.principal.name: person.email for person in await unit.people.all()}


async def said(client: Client, text: str) -> str:
    """Return what NickServ answers."""
    return " / ".join(line[-1] for line in await client.ask(f"PRIVMSG NickServ :{text}") if line[0] == "NOTICE")


async def test_a_code_makes_the_account_and_logs_in(irc: IrcHub, mails: MailServer) -> None:
    ann = await irc.client("Ann")
    await ann.join("#lounge")
    asked = await ann.ask(f"REGISTER * {ANN} {PASSWORD}")
    assert [line[:3] for line in asked] == [("REGISTER", "VERIFICATION_REQUIRED", "Ann")]
    assert "ann" not in await addresses(irc)
    (mail,) = mails.mails
    assert (mail["To"], mail["From"], "    ann\r\n" in mail.get_content()) == (ANN, "hub@example.net", True)
    assert [line[:4] for line in await ann.ask("VERIFY ann 0000-0000-0000")] == [
        ("FAIL", "VERIFY", "INVALID_CODE", "ann")
    ]
    answers = await ann.ask(f"VERIFY * {await mails.code()}")
    assert answers[0][:3] == ("VERIFY", "SUCCESS", "Ann")
    assert [line[0] for line in answers if line[0] in {"900", "JOIN"}] == ["900", "JOIN"]
    assert (await addresses(irc))["ann"] == ANN
    assert (await ann.ask("VERIFY ann x"))[0][:3] == ("FAIL", "VERIFY", "ALREADY_AUTHENTICATED")
    elsewhere = await irc.client("elsewhere", password=f"ann:{PASSWORD}")
    assert elsewhere.nick == "Ann"
    for client in (ann, elsewhere):
        await client.close()


async def test_an_account_is_begun_and_finished_before_connecting(tmp_path: Path, mails: MailServer) -> None:
    async with running_irc_server(tmp_path, registration="email", guests="off", mail=by(mails)) as irc:
        client = await irc.connect()
        offered = " ".join(line[-1] for line in await client.ask("CAP LS 302")).split()
        assert "draft/account-registration=before-connect,email-required,custom-account-name" in offered
        client.send("NICK ann", f"REGISTER * {ANN} {PASSWORD}")
        assert (await client.expect("REGISTER")).params[0] == "VERIFICATION_REQUIRED"
        await client.close()
        later = await irc.connect()  # the mail took its time
        later.send("CAP LS 302", "NICK ann", "USER ann 0 * :ann", f"VERIFY ann {await mails.code()}")
        assert (await later.expect("VERIFY")).params[:2] == ("SUCCESS", "ann")
        await later.expect("900")
        later.send("CAP END")
        assert (await later.expect("001")).params[0] == "ann"


async def test_nickserv_does_the_same(irc: IrcHub, mails: MailServer) -> None:
    ann = await irc.client("ann")
    assert "must be an address" in await said(ann, f"REGISTER {PASSWORD}")
    assert "must be an address" in await said(ann, f"REGISTER {PASSWORD} ann")
    assert "A code was sent to your address. Say VERIFY ann" in await said(ann, f"REGISTER {PASSWORD} {ANN}")
    assert "waits for this code" in await said(ann, "VERIFY ann 0000-0000-0000")
    assert "VERIFY account code" in await said(ann, "VERIFY ann")
    assert "The account ann is made" in await said(ann, f"VERIFY ann {await mails.code()}")
    assert (await addresses(irc))["ann"] == ANN


async def test_an_address_is_needed_and_has_to_be_one(irc: IrcHub, mails: MailServer) -> None:
    ann = await irc.client("ann")
    for email in ("*", "ann", "a@example.org,b@example.org", "<a@example.org>", "straße@example.org"):
        assert [line[:4] for line in await ann.ask(f"REGISTER * {email} {PASSWORD}")] == [
            ("FAIL", "REGISTER", "INVALID_EMAIL", "ann")
        ]
    assert mails.connections == 0


async def test_a_name_is_kept_for_who_asked_first(irc: IrcHub, mails: MailServer) -> None:
    ann, bob = await irc.client("guest1"), await irc.client("bob")
    await ann.ask(f"REGISTER ann {ANN} {PASSWORD}")
    assert (await bob.ask("REGISTER ann bob@example.org another-one"))[0][:3] == ("FAIL", "REGISTER", "ACCOUNT_EXISTS")
    await bob.ask("NICK ann")
    assert (await ann.ask(f"VERIFY ann {await mails.code()}"))[0][:3] == ("VERIFY", "SUCCESS", "ann")
    assert len(mails.mails) == 1


async def test_a_mail_that_cannot_be_sent_begins_nothing(irc: IrcHub, mails: MailServer) -> None:
    ann = await irc.client("ann")
    for refuse, code in (("550 no such user", "INVALID_EMAIL"), ("451 not now", "TEMPORARILY_UNAVAILABLE")):
        mails.refuse = refuse
        assert (await ann.ask(f"REGISTER * {ANN} {PASSWORD}"))[0][:4] == ("FAIL", "REGISTER", code, "ann")
    mails.refuse = None
    assert (await ann.ask(f"REGISTER * {ANN} another-one"))[0][:2] == ("REGISTER", "VERIFICATION_REQUIRED")


async def test_mail_that_needs_tls_is_not_sent_without(tmp_path: Path, mails: MailServer) -> None:
    async with running_irc_server(tmp_path, registration="email", mail=by(mails, security="starttls")) as irc:
        ann = await irc.client("ann")
        failed = ("FAIL", "REGISTER", "TEMPORARILY_UNAVAILABLE")
        assert (await ann.ask(f"REGISTER * {ANN} {PASSWORD}"))[0][:3] == failed
        assert mails.mails == []


async def test_where_no_address_is_asked_for_no_code_is_taken(tmp_path: Path) -> None:
    async with running_irc_server(tmp_path, registration="open") as irc:
        ann = await irc.client("ann")
        assert (await ann.ask("VERIFY ann 0000-0000-0000"))[0][:4] == ("FAIL", "VERIFY", "INVALID_CODE", "ann")
