"""A mail server: a real one, that takes mails and does to them what a test tells it."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass(slots=True)
class MailServer:
    """What came; what is answered to each recipient and to each mail."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    of_recipient: Callable[[str], str] = lambda _: "250 OK"
    of_mail: str = "250 OK"
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    was_private: list[bool] = field(default_factory=list)


class _Handler:
    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        answer = self._server.of_recipient(address)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = cast("bytes", envelope.content)
        mail = message_from_bytes(content, policy=policy.default)
        self._server.mails.append(mail)
        self._server.recipients.append(list(envelope.rcpt_tos))
        self._server.was_private.append(session.ssl is not None)
        if not self._server.of_mail:
            cast("Any", server.transport).abort()
        return self._server.of_mail


@contextmanager
def run_mail_server(
    tls: ssl.SSLContext | None = None, password: bytes | None = None
) -> Iterator[MailServer]:
    """One on a port of its own; with `tls` by STARTTLS alone, with `password` for its user."""
    running = MailServer()

    def admit(*words: Any) -> AuthResult:
        login = cast("LoginPassword", words[-1])
        running.logins.append((login.login, login.password))
        return AuthResult(success=login.password == password, handled=False)

    with socket.create_server(("127.0.0.1", 0)) as found:
        running.port = found.getsockname()[1]
    controller = Controller(
        _Handler(running),
        hostname="127.0.0.1",
        port=running.port,
        tls_context=tls,
        require_starttls=tls is not None,
        authenticator=admit,
        auth_required=password is not None,
        auth_require_tls=tls is not None,
    )
    controller.start()
    try:
        yield running
    finally:
        controller.stop()
