"""E-mail: a message as plain text over SMTP.

Its Message-ID is the same for all tries, so a mail system that looks at it keeps one of two; all
mails of one alert refer to one id, so that mail programs show them together.
"""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from monitor.channels.apart import MOST, Apart, StillHanging
from monitor.channels.posting import Posting
from monitor.domain.channels import Mailbox, Security
from monitor.domain.deliveries import Refused
from monitor.domain.windows import moment
from monitor.wire.connect import make_tls_context

TIMEOUT_S = 15.0
DEADLINE_S = 60.0
#: So often all wait for one whom the server puts off; from then on the others get theirs.
PATIENT_TRIES = 3
_UTC = ZoneInfo("UTC")
_SAID = 150
#: Codes of SMTP (RFC 5321, 4.2.1): from here on a server refuses, and from here on for good.
_REFUSES, _FOR_GOOD = 400, 500


class MailLine:
    """A line to mailboxes. Each message has a connection of its own."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox, self._apart = mailbox, Apart()

    async def send(self, posting: Posting) -> Refused | None:
        """Send it in a thread of its own."""
        try:
            return await self._apart.run(lambda: _send(self._mailbox, posting), DEADLINE_S)
        except TimeoutError:
            return Refused(f"the mail server did not end within {DEADLINE_S:.0f} s")
        except StillHanging:
            return Refused(f"{MOST} tries hang")

    async def aclose(self) -> None:
        """Nothing stays open."""


def write(mailbox: Mailbox, posting: Posting) -> EmailMessage:
    """A posting as a mail; line ends in what others wrote are no new headers."""
    message, domain = posting.message, mailbox.sender.rpartition("@")[2]
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"inferwatch <{mailbox.sender}>"
    mail["To"] = ", ".join(mailbox.to)
    mail["Subject"] = " ".join(posting.words.title.split())
    mail["Date"] = format_datetime(moment(posting.sent_ms, _UTC))
    mail["Message-ID"] = f"<{posting.key}@{domain}>"
    if message.case is not None:
        thread = f"<alert-{message.case.number}-{message.case.started_ms}@{domain}>"
        mail["In-Reply-To"] = mail["References"] = thread
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(posting.words.body, cte="quoted-printable")
    return mail


def _send(mailbox: Mailbox, posting: Posting) -> Refused | None:
    try:
        with _connected(mailbox) as server:
            return _hand_over(server, mailbox, posting)
    except smtplib.SMTPResponseException as error:
        return _judge(error.smtp_code, error.smtp_error)
    except smtplib.SMTPNotSupportedError as error:
        return Refused(f"the mail server cannot do it: {_name(error)}", is_permanent=True)
    except (OSError, smtplib.SMTPException) as error:
        return Refused(f"the mail server was not reached, or broke off: {_name(error)}")


@contextmanager
def _connected(mailbox: Mailbox) -> Iterator[smtplib.SMTP]:
    """Logged in, where there is a user. What goes wrong at the farewell changes nothing."""
    host, port, tls = mailbox.host, mailbox.port, make_tls_context()
    server: smtplib.SMTP
    if mailbox.security is Security.TLS:
        server = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=tls)
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
    try:
        if mailbox.security is Security.STARTTLS:
            server.starttls(context=tls)
        if mailbox.user is not None and mailbox.password is not None:
            server.login(mailbox.user, mailbox.password.reveal())
        yield server
    finally:
        with suppress(OSError, smtplib.SMTPException):
            server.quit()


def _hand_over(server: smtplib.SMTP, mailbox: Mailbox, posting: Posting) -> Refused | None:
    """To all whom the server takes; while it only puts somebody off, nobody gets it yet."""
    server.ehlo_or_helo_if_needed()
    code, said = server.mail(mailbox.sender)
    if code >= _REFUSES:
        return _judge(code, said)
    answers = [server.rcpt(each) for each in mailbox.to]
    refusals = [_judge(*each) for each in answers if each[0] >= _REFUSES]
    passing = [each for each in refusals if not each.is_permanent]
    if passing and (len(refusals) == len(answers) or posting.tries < PATIENT_TRIES):
        return passing[0]
    if len(refusals) == len(answers):
        return refusals[0]
    code, said = server.data(write(mailbox, posting).as_bytes())
    return _judge(code, said) if code >= _REFUSES else None


def _judge(code: int, said: bytes | str) -> Refused:
    return Refused(_said(code, said), is_permanent=code >= _FOR_GOOD)


def _said(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"the mail server answered {code}: {' '.join(text.split())[:_SAID]}"


def _name(error: Exception) -> str:
    return " ".join(str(error).split())[:_SAID] or type(error).__name__
