"""Services of Apprise, each played by a real receiver on loopback."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from monitor.channels import apprise
from monitor.domain.alerts import Severity, Telling
from monitor.domain.channels import Service
from monitor.domain.deliveries import Refused
from monitor.domain.secrets import Secret
from monitor.domain.templates import Wording
from tests.channels.sending import TEST, opened, send
from tests.receiver import Answer, Got, Receiver, run_receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with run_receiver() as running:
        running.answer = lambda _: Answer(200)
        yield running


def service(receiver: Receiver, schema: str = "json", rest: str = "T0KEN-in-the-path") -> Service:
    host = receiver.url.split("/")[2]
    return Service(Secret(f"{schema}://{host}/{rest}"))


def test_a_service_gets_title_body_and_link(receiver: Receiver) -> None:
    assert send(service(receiver)) is None
    [got] = receiver.got
    assert got.said["title"] == "Test of inferwatch alerts"
    assert got.said["message"].endswith("\nhttps://watch.example")


@pytest.mark.parametrize(
    ("severity", "telling", "type_"),
    [
        (Severity.CRITICAL, Telling.OPENED, "failure"),
        (Severity.WARNING, Telling.OPENED, "warning"),
        (Severity.CRITICAL, Telling.CLOSED, "success"),
    ],
)
def test_services_that_know_severities_are_told_it(
    receiver: Receiver, severity: Severity, telling: Telling, type_: str
) -> None:
    send(service(receiver), opened(severity, telling))

    assert receiver.got[0].said["type"] == type_


@pytest.mark.parametrize(
    ("schema", "rest"),
    [
        ("json", "path"),
        ("ntfy", "topic"),
        ("ntfy", "topic?format=markdown"),
        ("mmost", "ABCDEFGHIJKLMNOPQRSTUVWX"),
        ("matrix", "ABCDEFGHIJKLMNOPQRST?mode=slack"),
        ("gotify", "ABCDEFGHIJKLMNOPQRST"),
    ],
)
def test_a_hostile_name_calls_nobody_and_leads_nowhere(
    receiver: Receiver, schema: str, rest: str
) -> None:
    hostile = "<!channel> @everyone [a](http://evil.example/x) <script>"
    send(service(receiver, schema, rest), replace(TEST, title=hostile, body=hostile))
    body = receiver.got[0].body.decode()

    assert not [each for each in ("<!", "@everyone", "](", "evil.example", "<s") if each in body]
    assert "watch" in body


@pytest.mark.parametrize(
    ("status", "is_permanent"),
    [(401, True), (403, True), (404, True), (429, False), (500, False), (503, False)],
)
def test_what_a_service_answered_says_whether_trying_again_can_help(
    receiver: Receiver, status: int, *, is_permanent: bool
) -> None:
    receiver.answer = lambda _: Answer(status)
    refused = send(service(receiver))

    assert refused is not None
    assert refused.is_permanent is is_permanent
    assert f"error={status}" in refused.reason


def test_a_service_that_breaks_off_is_tried_again_without_showing_its_token(
    receiver: Receiver,
) -> None:
    receiver.answer = lambda _: Answer(0)
    refused = send(service(receiver, rest="T0KEN?optional=yes"))

    assert refused is not None
    assert not refused.is_permanent
    assert "T0KEN" not in refused.reason


def test_a_service_that_hangs_is_given_up_after_its_deadline(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()

    def hang(_: Got) -> Answer:
        release.wait(30)
        return Answer(200)

    receiver.answer = hang
    monkeypatch.setattr(apprise, "DEADLINE_S", 0.3)
    refused = send(service(receiver))
    release.set()

    assert refused == Refused("did not end within 0 s")


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    receiver.answer = lambda _: Answer(302, {"location": "/elsewhere"})
    refused = send(service(receiver))

    assert refused is not None
    assert len(receiver.got) == 1


def test_a_template_words_it_and_its_own_text_stays(receiver: Receiver) -> None:
    wording = Wording("{channel}: {title}", "<!here> {body}")
    send(service(receiver), replace(TEST, body="<!channel>"), wording=wording)
    said = receiver.got[0].said

    assert (said["title"], said["message"]) == (f"ops: {TEST.title}", "<!here> ‹!channel›")
