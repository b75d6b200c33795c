"""Hints: how long a server asks us to wait, in seconds, at most an hour.

Moments are compared with the response's own `Date`, so that no clock of ours is asked.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any

from monitor.wire.complaints import Complaint

MAX_WAIT_S = 3600.0
_EPOCH_S = 1e9
_EPOCH_MS = 1e12
_UNITS_S = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|d|h|m|s)")
_DURATION = re.compile(rf"(?:{_PART.pattern})+", re.ASCII)
#: OpenAI's resets are durations, Anthropic's moments.
_LIMIT_HEADERS = (
    *(
        (f"x-ratelimit-remaining-{limit}", f"x-ratelimit-reset-{limit}")
        for limit in ("requests", "tokens")
    ),
    *(
        (f"anthropic-ratelimit-{limit}-remaining", f"anthropic-ratelimit-{limit}-reset")
        for limit in ("requests", "tokens", "input-tokens", "output-tokens")
    ),
)
_TRY_AGAIN = re.compile(
    rf"(?:try again|retry) in\s+((?:{_PART.pattern})+)", re.IGNORECASE | re.ASCII
)


def find_wait_s(
    headers: Mapping[str, str], complaint: Complaint, *, is_limit: bool = True
) -> float | None:
    """The first usable hint, in the order of trust; `None` without one. Header names lower-case.

    When limits reset counts only where a limit is what was met: many send it with every answer.
    """
    sent_s = _moment_s(headers.get("date", ""))
    hints = _hints(headers, complaint, sent_s, is_limit=is_limit)
    waits = (_usable_wait_s(hint, sent_s) for hint in hints)
    return next((wait for wait in waits if wait is not None), None)


def _hints(
    headers: Mapping[str, str], complaint: Complaint, sent_s: float | None, *, is_limit: bool
) -> Iterator[float | str | None]:
    yield _scaled(headers.get("retry-after-ms"), 0.001)
    yield headers.get("retry-after")
    yield complaint.retry_delay
    if is_limit:
        yield _longest_reset_s(headers, sent_s)
        yield headers.get("x-ratelimit-reset")
    if said := _TRY_AGAIN.search(complaint.message):
        yield said.group(1)
    metadata = complaint.metadata or {}
    availability = metadata.get("availability")
    if isinstance(availability, dict):
        yield _text(availability.get("retry_after"))
    yield _text(metadata.get("resets_at"))


def _longest_reset_s(headers: Mapping[str, str], sent_s: float | None) -> float | None:
    """The longest wait of the limits that are used up; of all, where none says so."""
    known, used_up = [], []
    for remaining, reset in _LIMIT_HEADERS:
        wait_s = _usable_wait_s(headers.get(reset), sent_s)
        if wait_s is not None:
            known.append(wait_s)
            if headers.get(remaining) == "0":
                used_up.append(wait_s)
    return max(used_up or known, default=None)


def _usable_wait_s(hint: float | str | None, sent_s: float | None) -> float | None:
    """A wait from seconds, a duration, or a moment (epoch or calendar); `None` for nonsense."""
    if hint is None:
        return None
    wait_s = hint if isinstance(hint, float) else _first(hint, _scaled, duration_s)
    moment_s = None if isinstance(hint, float) or wait_s is not None else _moment_s(hint)
    if wait_s is not None and wait_s > _EPOCH_S:
        moment_s = wait_s / 1000 if wait_s > _EPOCH_MS else wait_s
    if moment_s is not None:
        wait_s = None if sent_s is None else moment_s - sent_s
    return min(wait_s, MAX_WAIT_S) if wait_s is not None and wait_s >= 0 else None


def duration_s(text: str) -> float | None:
    """The seconds of a duration as `522ms`, `1m30s` or `10.6s`; `None` for any other text."""
    if not _DURATION.fullmatch(text.strip()):
        return None
    return sum(float(count) * _UNITS_S[unit] for count, unit in _PART.findall(text))


def _scaled(text: str | None, factor: float = 1.0) -> float | None:
    try:
        seconds = float(text or "") * factor
    except ValueError:
        return None
    return seconds if isfinite(seconds) else None


def _moment_s(text: str) -> float | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
        except ValueError:
            continue
        return moment.timestamp() if moment.tzinfo else None
    return None


def _first(text: str, *readers: Callable[[str], float | None]) -> float | None:
    return next((found for found in (read(text) for read in readers) if found is not None), None)


def _text(value: Any) -> str | None:  # noqa: ANN401
    return None if value is None else str(value)
