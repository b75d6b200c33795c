from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.wire.complaints import Complaint, complaint_of
from monitor.wire.hints import duration_s, find_wait_s

SENT = {"date": "Sun, 22 Nov 2026 10:00:00 GMT"}  # epoch 1795341600


def said(message: str = "", **metadata: Any) -> Complaint:
    return complaint_of({"error": {"message": message, "metadata": metadata}})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("522ms", 0.522), ("6s", 6.0), ("1m30s", 90.0), ("6m0s", 360.0), ("10.6s", 10.6),
        ("1d2h", 93_600.0), ("", None), ("soon", None), ("5", None), ("-5s", None),
    ],
)  # fmt: skip
def test_a_duration_is_read(text: str, expected: float | None) -> None:
    assert duration_s(text) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("headers", "complaint", "expected"),
    [
        ({"retry-after-ms": "1500", "retry-after": "9"}, said(), 1.5),
        ({"retry-after": "20"}, said("try again in 5s"), 20.0),
        (SENT | {"retry-after": "Sun, 22 Nov 2026 10:00:30 GMT"}, said(), 30.0),
        ({"retry-after": "Sun, 22 Nov 2026 10:00:30 GMT"}, said("try again in 5s"), 5.0),
        ({"x-ratelimit-reset-requests": "6s", "x-ratelimit-reset-tokens": "1m30s"}, said(), 90.0),
        ({"x-ratelimit-reset-requests": "6s", "x-ratelimit-remaining-requests": "0",
          "x-ratelimit-reset-tokens": "1m30s", "x-ratelimit-remaining-tokens": "7"}, said(), 6.0),
        (SENT | {"x-ratelimit-reset": "1795341612000"}, said(), 12.0),
        (SENT | {"x-ratelimit-reset": "1795341612"}, said(), 12.0),
        ({"x-ratelimit-reset": "1795341612000"}, said(), None),
        ({}, said("Please try again in 522ms."), 0.522),
        ({}, said("Try again in 6m0s"), 360.0),
        ({}, said(availability={"retry_after": 7}), 7.0),
        (SENT, said(resets_at="2026-11-22T10:01:00Z"), 60.0),
        ({"retry-after": "86400"}, said(), 3600.0),
        ({"retry-after": "-5"}, said(), None),
        ({"retry-after": "nan"}, said(), None),
        ({"retry-after": "inf"}, said(), None),
        (SENT | {"retry-after": "Sun, 22 Nov 2026 09:00:00 GMT"}, said(), None),
        ({}, said(), None),
    ],
)  # fmt: skip
def test_the_first_usable_hint_counts(
    headers: dict[str, str], complaint: Complaint, expected: float | None
) -> None:
    wait_s = find_wait_s(headers, complaint)

    assert wait_s == (None if expected is None else pytest.approx(expected))


NAMES = ["retry-after", "retry-after-ms", "date", "x-ratelimit-reset", "x-ratelimit-reset-tokens"]


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), st.text() | st.floats().map(str)), st.text())
def test_no_hint_raises_or_leaves_its_bounds(headers: dict[str, str], message: str) -> None:
    wait_s = find_wait_s(headers, said(message))

    assert wait_s is None or 0 <= wait_s <= 3600
