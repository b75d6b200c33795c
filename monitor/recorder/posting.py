"""Posting: a batch goes to the monitor's `POST /v1/usage`, and what the answer means for it."""

import gzip
import json
import ssl
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from time import time
from typing import Any, Final
from urllib.parse import urlsplit

from monitor.recorder.guard import tell
from monitor.recorder.place import Place

_TIMEOUT_S: Final = 5.0
_MAX_ANSWER_BYTES: Final = 1024 * 1024


class Answer(Enum):
    """What became of a batch. What was refused would be refused again, and is not kept."""

    TAKEN = auto()
    REFUSED = auto()
    TOO_LARGE = auto()
    NOT_ALLOWED = auto()
    AWAY = auto()


#: What a status says that is not the monitor's to be asked again about.
_FINAL: Final = {
    400: Answer.REFUSED,
    401: Answer.NOT_ALLOWED,
    403: Answer.NOT_ALLOWED,
    413: Answer.TOO_LARGE,
    415: Answer.REFUSED,
    421: Answer.NOT_ALLOWED,
    422: Answer.REFUSED,
}


class Post:
    """Posts events, each batch on a connection of its own and through no proxy."""

    def __init__(self, place: Place) -> None:
        parts = urlsplit(place.url)
        self._path = f"{parts.path}/v1/usage?source=recorder"
        self._host, self._port = parts.hostname or "", parts.port
        self._is_secure = parts.scheme == "https"
        self._token = place.token
        self._has_told = False

    def __call__(self, events: list[dict[str, Any]]) -> tuple[Answer, float | None]:
        """What became of the events, and how many seconds the monitor asks to be left alone."""
        body = gzip.compress(json.dumps(events).encode(), compresslevel=6)
        try:
            status, headers, answer = self._exchange(body)
        except (OSError, HTTPException):
            return Answer.AWAY, None
        if status // 100 == 2:  # noqa: PLR2004
            self._has_told = False
            _tell_of_bad_ones(answer)
            return Answer.TAKEN, None
        return self._judge(status, headers.get("Retry-After"), answer)

    def _exchange(self, body: bytes) -> tuple[int, Any, bytes]:
        connection = self._connect()
        try:
            connection.request("POST", self._path, body, self._headers())
            response: HTTPResponse = connection.getresponse()
            return response.status, response.headers, response.read(_MAX_ANSWER_BYTES)
        finally:
            connection.close()

    def _connect(self) -> HTTPConnection:
        if self._is_secure:
            context = ssl.create_default_context()
            return HTTPSConnection(self._host, self._port, timeout=_TIMEOUT_S, context=context)
        return HTTPConnection(self._host, self._port, timeout=_TIMEOUT_S)

    def _headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
            "User-Agent": "inferwatch-recorder",
        }

    def _judge(
        self, status: int, retry_after: str | None, answer: bytes
    ) -> tuple[Answer, float | None]:
        meaning = _FINAL.get(status, Answer.AWAY)
        if meaning is not Answer.AWAY and not self._has_told:
            self._has_told = True
            tell(f"the monitor refuses events ({status}): {answer[:300].decode(errors='replace')}")
        return meaning, _seconds(retry_after)


def _seconds(retry_after: str | None) -> float | None:
    """The wait of a Retry-After, given in seconds or as a date."""
    if not retry_after:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time())
    except (ValueError, TypeError):
        return None


def _tell_of_bad_ones(answer: bytes) -> None:
    """One line where the monitor took a batch but for some of it."""
    try:
        problems = json.loads(answer).get("problems")
    except (ValueError, AttributeError):
        return
    if isinstance(problems, list) and problems:
        tell(f"the monitor has {len(problems)} problems with events, first: {problems[0]!s:.300}")
