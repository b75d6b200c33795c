"""Apprise: a message to a service that Apprise speaks to, at least once.

Apprise tells whether a service took a message, and not what it answered: neither a key by which
the service would know a message again, nor how long it wants to be left alone.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import unquote

from monitor.channels.apart import MOST, Apart, StillHanging
from monitor.channels.posting import Posting
from monitor.domain.alerts import Severity, Telling
from monitor.domain.channels import Service
from monitor.domain.deliveries import Refused
from monitor.domain.messages import Message
from monitor.domain.secrets import Secret, redact
from monitor.settings.apprise_urls import open_service

if TYPE_CHECKING:
    from apprise import NotifyType

DEADLINE_S = 30.0
#: As many of its plugins write what a service answered; these need somebody to mend them.
_STATUS = re.compile(r"error=(\d{3})\b")
_FOR_GOOD = frozenset({"400", "401", "403", "404", "410"})
_SHORTEST_PIECE = 4


class AppriseLine:
    """A line to a service. Each message opens it anew, for its plugins are not made for threads."""

    def __init__(self, service: Service) -> None:
        self._url, self._apart = service.url, Apart()

    async def send(self, posting: Posting) -> Refused | None:
        """Send it in a thread of its own."""
        try:
            return await self._apart.run(lambda: _send(self._url, posting), DEADLINE_S)
        except TimeoutError:
            return Refused(f"did not end within {DEADLINE_S:.0f} s")
        except StillHanging:
            return Refused(f"{MOST} tries hang")

    async def aclose(self) -> None:
        """Nothing stays open."""


def _send(url: Secret, posting: Posting) -> Refused | None:
    from apprise import Apprise, NotifyFormat

    try:
        service = open_service(url.reveal())
    except ValueError as error:
        return Refused(f"its URL {error}", is_permanent=True)
    to = Apprise()
    to.add(service)
    words = posting.words
    result = to.notify(words.body, words.title, _type(posting.message), NotifyFormat.TEXT)
    attempts = [attempt for each in result for attempt in each]
    # Not its status: a URL may say that a failure is none.
    if any(attempts):
        return None
    said = " ".join(entry.message for attempt in attempts for entry in attempt)
    return _judge(said, url)


def _judge(said: str, url: Secret) -> Refused:
    status = _STATUS.search(said)
    reason = redact(said, _pieces(url.reveal())) or "was not taken, and it is not told why"
    return Refused(reason, is_permanent=status is not None and status[1] in _FOR_GOOD)


def _pieces(url: str) -> Iterable[Secret]:
    """All of a URL that may be a secret in what is told of it: it is written in another way."""
    rest = url.partition("://")[2]
    for text in {rest, unquote(rest)}:
        for piece in re.split(r"[/:@?&=#,;+ ]+", text):
            if len(piece) >= _SHORTEST_PIECE:
                yield Secret(piece)


def _type(message: Message) -> "NotifyType":
    """How services that know severities show it."""
    from apprise import NotifyType

    if message.telling is Telling.CLOSED:
        return NotifyType.SUCCESS
    if message.telling is Telling.TEST:
        return NotifyType.INFO
    is_critical = message.case is not None and message.case.severity is Severity.CRITICAL
    return NotifyType.FAILURE if is_critical else NotifyType.WARNING
