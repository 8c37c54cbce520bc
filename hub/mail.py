"""Mail in the composition: sent by the server that the settings name, in threads of its own."""

import asyncio
import logging
import smtplib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from airchat.protocol.errors import InvalidInput, Unavailable
from hub.sections import MailSection

ANSWER_SECONDS = 10.0
"""How long the mail server has for each answer."""
SEND_SECONDS = 20.0
"""How long one mail may take, with the time that it waits for those before it."""

_AT_ONCE = 2
_PERMANENT = 500
_log = logging.getLogger(__name__)


class SmtpMail:
    """Sends mail; a server that hangs takes two threads at most, and no other work waits for them."""

    def __init__(self, section: MailSection) -> None:
        self._section = section
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def send(self, to: str, subject: str, text: str) -> None:
        """Hand the mail to the server. Errors as in the port.

        Raises:
            ValueError: something that stands in a header has a line break.
        """
        message = _message(self._section, to, subject, text)
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._turn.acquire()
                await self._deliver(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, reason = next(iter(error.recipients.values()))
            _log.warning("the mail server refused a recipient: %s %r", code, reason)
            if code >= _PERMANENT:
                raise InvalidInput("email is refused by the mail server", "email") from error
            raise _unavailable() from error
        except (OSError, UnicodeError) as error:
            _log.warning("no mail could be sent by %s: %s", self._section.host, _reason(error))
            raise _unavailable() from error

    async def _deliver(self, message: EmailMessage) -> None:
        """Deliver it in a thread that keeps its turn to its end, and keeps nobody from stopping the hub."""
        loop = asyncio.get_running_loop()
        delivered: asyncio.Future[None] = loop.create_future()

        def end(error: Exception | None) -> None:
            self._turn.release()
            if delivered.done():  # nobody waits any more
                return
            if error is None:
                delivered.set_result(None)
            else:
                delivered.set_exception(error)

        def deliver() -> None:
            failed: Exception | None = None
            try:
                _hand_over(self._section, message)
            except Exception as error:  # noqa: BLE001 - raised where it is waited for
                failed = error
            with suppress(RuntimeError):  # the hub has stopped
                loop.call_soon_threadsafe(end, failed)

        try:
            threading.Thread(target=deliver, name="mail", daemon=True).start()
        except RuntimeError as error:  # the machine has none to spare
            self._turn.release()
            raise OSError(str(error)) from error
        await delivered


@contextmanager
def connected(section: MailSection, seconds: float = ANSWER_SECONDS) -> Iterator[smtplib.SMTP]:
    """Give a connection that is encrypted and logged in as the settings say; blocks.

    Raises:
        OSError: the server cannot be reached or does not do what is wanted; errors of SMTP and TLS are some.
        UnicodeError: its name cannot be one.
    """
    host, port = section.host or "", section.port
    if section.security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=seconds, context=ssl.create_default_context())
    else:
        smtp = smtplib.SMTP(host, port, timeout=seconds)
    try:
        if section.security == "starttls":
            smtp.starttls(context=ssl.create_default_context())
        if section.user is not None and section.password is not None:
            smtp.login(section.user, section.password.get_secret_value())
        yield smtp
        with suppress(OSError):  # what was to be done is done
            smtp.quit()
    finally:
        smtp.close()


def problem(section: MailSection, seconds: float) -> str | None:
    """Return why no mail can be sent, None when the server takes it; sends none, and blocks."""
    try:
        with connected(section, seconds) as smtp:
            code, reason = smtp.noop()
            return None if code < _PERMANENT else f"{code} {reason!r}"
    except (OSError, UnicodeError) as error:
        return _reason(error)


def _message(section: MailSection, to: str, subject: str, text: str) -> EmailMessage:
    sender = section.sender or ""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


def _hand_over(section: MailSection, message: EmailMessage) -> None:
    with connected(section) as smtp:
        smtp.send_message(message)


def _reason(error: Exception) -> str:
    return "it takes too long" if isinstance(error, TimeoutError) else str(error) or type(error).__name__


def _unavailable() -> Unavailable:
    return Unavailable("The hub cannot send mail now. Try again later.", retry_after=60)
