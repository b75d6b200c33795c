"""Mails, to a real mail server on loopback."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from monitor.channels import email
from monitor.channels.email import PATIENT_TRIES
from monitor.domain.channels import Mailbox, Security
from monitor.domain.secrets import Secret
from tests.channels.sending import TEST, opened, send
from tests.mailserver import MailServer, run_mail_server

PASSWORD = "s3cret of the mail server"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with run_mail_server() as running:
        yield running


def box(port: int, *to: str, security: Security = Security.NONE) -> Mailbox:
    return Mailbox("127.0.0.1", port, security, "watch@example.com", to or ("ops@example.com",))


def test_a_mail_is_plain_text_with_the_key_as_its_id(server: MailServer) -> None:
    assert send(box(server.port), key="key-1") is None
    [mail] = server.mails
    assert (mail["subject"], mail["message-id"]) == (TEST.title, "<key-1@example.com>")
    assert (mail["auto-submitted"], mail.get_content_type()) == ("auto-generated", "text/plain")
    assert mail.get_content().split() == f"{TEST.body} {TEST.link}".split()


def test_mails_of_one_alert_refer_to_one_id(server: MailServer) -> None:
    for key in ("key-1", "key-2"):
        send(box(server.port), opened(), key)
    first, second = server.mails

    assert first["message-id"] != second["message-id"]
    assert first["references"] == second["references"] == second["in-reply-to"]


def test_a_hostile_name_adds_no_header(server: MailServer) -> None:
    hostile = "down\r\nBcc: evil@example.com\r\n\r\nhello ü"
    send(box(server.port), replace(TEST, title=hostile, body=f"{hostile}\r\n.\r\nMAIL FROM:<x>"))
    [mail] = server.mails

    assert mail["bcc"] is None
    assert mail["subject"] == "down Bcc: evil@example.com hello ü"
    assert server.recipients == [["ops@example.com"]]
    assert "MAIL FROM" in mail.get_content()


@pytest.mark.parametrize(("answer", "is_permanent"), [("450 later", False), ("550 no", True)])
def test_a_mail_that_is_refused_says_whether_trying_again_can_help(
    server: MailServer, answer: str, *, is_permanent: bool
) -> None:
    server.of_mail = answer
    refused = send(box(server.port))

    assert refused is not None
    assert (refused.reason, refused.is_permanent) == (
        f"the mail server answered {answer.replace(' ', ': ')}",
        is_permanent,
    )


def test_whom_the_server_refuses_for_good_keeps_nobody_else_from_it(server: MailServer) -> None:
    server.of_recipient = lambda who: "550 unknown" if who.startswith("gone") else "250 OK"
    refused = send(box(server.port, "gone@example.com", "ops@example.com"))

    assert refused is None
    assert server.recipients == [["ops@example.com"]]


def test_while_somebody_is_put_off_nobody_gets_it_until_patience_ends(server: MailServer) -> None:
    server.of_recipient = lambda who: "451 grey" if who.startswith("slow") else "250 OK"
    mailbox = box(server.port, "slow@example.com", "ops@example.com")
    refused = send(mailbox, tries=PATIENT_TRIES - 1)
    nobody = list(server.mails)
    taken = send(mailbox, tries=PATIENT_TRIES)

    assert (refused is not None and not refused.is_permanent, nobody) == (True, [])
    assert (taken, server.recipients) == (None, [["ops@example.com"]])


def test_where_all_are_refused_nothing_is_sent(server: MailServer) -> None:
    server.of_recipient = lambda _: "550 unknown"
    refused = send(box(server.port))

    assert refused is not None
    assert (refused.is_permanent, server.mails) == (True, [])


def test_a_server_that_breaks_off_after_it_took_a_mail_gets_it_again_under_the_same_id(
    server: MailServer,
) -> None:
    server.of_mail = ""
    refused = send(box(server.port))
    server.of_mail = "250 OK"
    send(box(server.port))

    assert refused is not None
    assert not refused.is_permanent
    assert len({mail["message-id"] for mail in server.mails}) == 1


def test_a_server_that_hangs_is_given_up_after_its_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(email, "DEADLINE_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        refused = send(box(silent.getsockname()[1]))

    assert refused is not None
    assert refused.reason == "the mail server did not end within 0 s"


def test_a_server_that_is_not_there_is_tried_again() -> None:
    refused = send(box(1))

    assert refused is not None
    assert not refused.is_permanent


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def test_after_starttls_the_user_logs_in(tls: ssl.SSLContext) -> None:
    with run_mail_server(tls, PASSWORD.encode()) as server:
        mailbox = box(server.port, security=Security.STARTTLS)
        refused = send(replace(mailbox, user="watch", password=Secret(PASSWORD)))

    assert refused is None
    assert server.was_private == [True]
    assert server.logins == [(b"watch", PASSWORD.encode())]


def test_a_wrong_password_is_refused_for_good(tls: ssl.SSLContext) -> None:
    with run_mail_server(tls, PASSWORD.encode()) as server:
        mailbox = box(server.port, security=Security.STARTTLS)
        refused = send(replace(mailbox, user="watch", password=Secret("another")))

    assert refused is not None
    assert refused.is_permanent
    assert refused.reason.startswith("the mail server answered 535: ")


def test_a_server_that_cannot_be_trusted_or_has_no_tls_gets_nothing(server: MailServer) -> None:
    refused = send(box(server.port, security=Security.STARTTLS))

    assert refused is not None
    assert refused.is_permanent
    assert server.mails == []
