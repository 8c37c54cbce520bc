import asyncio
import logging
import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import pytest

import hub.mail
from airchat.protocol.errors import InvalidInput, Unavailable
from hub.mail import SmtpMail, problem
from hub.sections import MailSection
from tests.bridges.irc.transport.far_end import Identity
from tests.mail_server import MailServer, mail_server

TO = "ann@example.org"


def mail_by(port: int, security: str = "none", **more: Any) -> SmtpMail:
    return SmtpMail(section(port, security, **more))


def section(port: int, security: str = "none", **more: Any) -> MailSection:
    given = {"host": "127.0.0.1", "port": port, "security": security, "sender": "hub@example.net"}
    return MailSection.model_validate(given | more)


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """What a server shows whom the system trusts."""
    identity = Identity.made(tmp_path, "mail")
    monkeypatch.setenv("SSL_CERT_FILE", str(identity.certificate))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(identity.certificate, identity.key)
    return context


async def test_a_mail_is_sent_as_plain_text() -> None:
    async with mail_server(MailServer()) as server:
        await mail_by(server.port).send(TO, "Grüße", "Guten Tag, Änne.\n.\nEnd\n")
    (mail,) = server.mails
    assert [mail[name] for name in ("From", "To", "Subject", "Auto-Submitted")] == [
        "hub@example.net",
        TO,
        "Grüße",
        "auto-generated",
    ]
    assert mail["Message-ID"].endswith("@example.net>")
    assert mail["Date"].endswith("-0000")
    assert (mail.get_content_type(), mail.get_content()) == ("text/plain", "Guten Tag, Änne.\r\n.\r\nEnd\r\n")
    ((sender, recipient),) = server.envelopes
    assert sender.startswith("FROM:<hub@example.net>")
    assert recipient.startswith(f"TO:<{TO}>")


@pytest.mark.parametrize("break_", ["\n", "\r", "\r\n"])
async def test_nothing_with_a_line_break_gets_into_a_header(break_: str) -> None:
    async with mail_server(MailServer()) as server:
        mail = mail_by(server.port)
        for to, subject in ((f"{TO}{break_}Bcc: eve@example.org", "code"), (TO, f"code{break_}Bcc: eve@example.org")):
            with pytest.raises(ValueError, match=r"linefeed|newline"):
                await mail.send(to, subject, "text")
    assert server.connections == 0


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_login_is_sent_over_tls_alone(security: str, tls: ssl.SSLContext) -> None:
    server = MailServer(tls=tls if security == "starttls" else None, user="hub:open sesame")
    async with mail_server(server, tls if security == "tls" else None):
        await mail_by(server.port, security, user="hub", password="open sesame").send(TO, "code", "text")
        with pytest.raises(Unavailable):
            await mail_by(server.port, security, user="hub", password="wrong").send(TO, "code", "text")
    assert server.encrypted == [True]


async def test_a_server_that_is_not_the_one_meant_gets_nothing(
    tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with mail_server(MailServer()) as plain, mail_server(MailServer(tls=tls)) as strange:
        with pytest.raises(Unavailable):
            await mail_by(plain.port, "starttls").send(TO, "code", "text")
        monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(Unavailable, match="cannot send mail now"):
            await mail_by(strange.port, "starttls").send(TO, "code", "text")
    assert plain.mails == strange.mails == []
    assert "STARTTLS extension not supported" in caplog.text
    assert "CERTIFICATE_VERIFY_FAILED" in caplog.text


@pytest.mark.parametrize(
    ("answer", "error"),
    [("550 no such user", InvalidInput), ("450 come back later", Unavailable)],
)
async def test_a_mailbox_that_is_refused(answer: str, error: type[Exception]) -> None:
    async with mail_server(MailServer(refuse=answer)) as server:
        with pytest.raises(error):
            await mail_by(server.port).send(TO, "code", "text")


async def test_nobody_waits_long_for_a_server_that_is_away_or_hangs(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(Unavailable):
        await mail_by(port).send(TO, "code", "text")
    assert "Connection refused" in caplog.text
    monkeypatch.setattr(hub.mail, "SEND_SECONDS", 0.2)
    async with mail_server(MailServer(hang=True)) as server:
        mail = mail_by(server.port)
        sent = await asyncio.gather(*(mail.send(TO, "code", "text") for _ in range(5)), return_exceptions=True)
        assert [type(each) for each in sent] == [Unavailable] * 5
        threads = [thread for thread in threading.enumerate() if thread.name == "mail"]
        assert [thread.daemon for thread in threads] == [True, True]  # a hub that stops does not wait for them
        assert server.connections <= 2
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 6
    assert "it takes too long" in caplog.text


async def test_a_machine_without_threads_is_out_of_order_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async with mail_server(MailServer()) as server:
        mail = mail_by(server.port)
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse)
            for _ in range(3):
                with pytest.raises(Unavailable):
                    await mail.send(TO, "code", "text")
        await mail.send(TO, "code", "text")
    assert len(server.mails) == 1


async def test_what_is_wrong_with_a_server_is_said(tls: ssl.SSLContext) -> None:
    async with mail_server(MailServer(user="hub:secret", tls=tls)) as server:
        right = section(server.port, "starttls", user="hub", password="secret")
        assert await asyncio.to_thread(problem, right, 5.0) is None
        wrong = section(server.port, "starttls", user="hub", password="other")
        assert "535" in (await asyncio.to_thread(problem, wrong, 5.0) or "")
    assert server.mails == []
    assert "refused" in (await asyncio.to_thread(problem, section(server.port), 5.0) or "")
