from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Hint:
    """A way to say how long to wait: in the headers, or in the fields of an error."""

    name: str
    wait_s: float | None
    headers: dict[str, str] = field(default_factory=dict)
    error: dict[str, Any] = field(default_factory=dict)


def wait_s(*hints: Hint) -> float | None:
    headers: dict[str, str] = {}
    error: dict[str, Any] = {}
    for hint in hints:
        headers |= hint.headers
        error |= hint.error
    return find_wait_s(headers, complaint_of({"error": error or {"message": "no"}}))


def retry_info(delay: object) -> dict[str, Any]:
    detail = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}
    return {"details": [{"@type": "type.googleapis.com/google.rpc.Help"}, detail]}


def anthropic(limit: str, seconds: int, remaining: str = "1") -> dict[str, str]:
    return {
        f"anthropic-ratelimit-{limit}-reset": f"2026-11-22T10:00:{seconds:02}Z",
        f"anthropic-ratelimit-{limit}-remaining": remaining,
    }


#: Section 6, one for each way and in its order.
IN_ORDER = [
    Hint("retry-after-ms", 1.5, {"retry-after-ms": "1500"}),
    Hint("Retry-After", 20, {"retry-after": "20"}),
    Hint("RetryInfo.retryDelay", 10.6, error=retry_info("10.6s")),
    Hint("x-ratelimit-reset-*", 90, {"x-ratelimit-reset-tokens": "1m30s"}),
    Hint("try again in", 0.522, error={"message": "Please try again in 522ms."}),
    Hint("availability.retry_after", 7, error={"metadata": {"availability": {"retry_after": 7}}}),
]
OTHERS = [
    Hint("Retry-After: HTTP date", 30, SENT | {"retry-after": "Sun, 22 Nov 2026 10:00:30 GMT"}),
    Hint("Retry-After: HTTP date without ours", None,
         {"retry-after": "Sun, 22 Nov 2026 10:00:30 GMT"}),
    Hint("Retry-After: HTTP date that is past", None,
         SENT | {"retry-after": "Sun, 22 Nov 2026 09:00:00 GMT"}),
    Hint("RetryInfo.retryDelay: nonsense", None, error=retry_info("soon")),
    Hint("RetryInfo.retryDelay: no text", None, error=retry_info({"seconds": 5})),
    Hint("anthropic-ratelimit-*-reset", 12, SENT | anthropic("tokens", 12)),
    Hint("anthropic-ratelimit-*-reset: the longest", 40,
         SENT | anthropic("requests", 3) | anthropic("output-tokens", 40)),
    Hint("anthropic-ratelimit-*-reset: what is used up", 3,
         SENT | anthropic("requests", 3, "0") | anthropic("input-tokens", 40)),
    Hint("anthropic-ratelimit-*-reset: without a date of ours", None, anthropic("tokens", 12)),
    Hint("x-ratelimit-reset-*: the longest", 90,
         {"x-ratelimit-reset-requests": "6s", "x-ratelimit-reset-tokens": "1m30s"}),
    Hint("x-ratelimit-reset-*: what is used up", 6,
         {"x-ratelimit-reset-requests": "6s", "x-ratelimit-remaining-requests": "0",
          "x-ratelimit-reset-tokens": "1m30s", "x-ratelimit-remaining-tokens": "7"}),
    Hint("x-ratelimit-reset: epoch ms", 12, SENT | {"x-ratelimit-reset": "1795341612000"}),
    Hint("x-ratelimit-reset: epoch s", 12, SENT | {"x-ratelimit-reset": "1795341612"}),
    Hint("x-ratelimit-reset: without a date", None, {"x-ratelimit-reset": "1795341612000"}),
    Hint("try again in: 1.2s", 1.2, error={"message": "try again in 1.2s"}),
    Hint("try again in: 1m3s", 63, error={"message": "Try again in 1m3s"}),
    Hint("try again in: retry in", 10.6, error={"message": "Please retry in 10.6s."}),
    Hint("resets_at", 60, SENT, {"metadata": {"resets_at": "2026-11-22T10:01:00Z"}}),
    Hint("capped at 1 h", 3600, {"retry-after": "86400"}),
    Hint("negative", None, {"retry-after": "-5"}),
    Hint("not a number", None, {"retry-after": "nan"}),
    Hint("infinite", None, {"retry-after": "inf"}),
    Hint("none: back off", None),
]  # fmt: skip


@pytest.mark.parametrize("hint", [*IN_ORDER, *OTHERS], ids=lambda hint: f"6 {hint.name}")
def test_a_hint_is_understood(hint: Hint) -> None:
    assert wait_s(hint) == (None if hint.wait_s is None else pytest.approx(hint.wait_s))


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        pytest.param(a, b, id=f"6 {a.name} before {b.name}")
        for place, a in enumerate(IN_ORDER)
        for b in IN_ORDER[place + 1 :]
    ],
)
def test_the_earlier_hint_counts(earlier: Hint, later: Hint) -> None:
    assert wait_s(later, earlier) == pytest.approx(earlier.wait_s)


def test_a_hint_that_is_nonsense_leaves_it_to_the_next() -> None:
    assert wait_s(Hint("", None, {"retry-after": "soon"}), IN_ORDER[4]) == pytest.approx(0.522)


def test_a_reset_of_limits_is_no_hint_where_no_limit_was_met() -> None:
    headers = {"x-ratelimit-reset-tokens": "50s", "x-ratelimit-reset": "60"}

    assert find_wait_s(headers, said(), is_limit=False) is None


NAMES = [
    "retry-after", "retry-after-ms", "date", "x-ratelimit-reset", "x-ratelimit-reset-tokens",
    "anthropic-ratelimit-tokens-reset", "anthropic-ratelimit-tokens-remaining",
]  # fmt: skip


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), st.text() | st.floats().map(str)), st.text())
def test_no_hint_raises_or_leaves_its_bounds(headers: dict[str, str], message: str) -> None:
    wait_s = find_wait_s(headers, said(message))

    assert wait_s is None or 0 <= wait_s <= 3600
