"""Messages: readable on a lock screen, whatever the names in them are."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.alerts import AlertKind, Severity, Telling
from monitor.domain.messages import Case, compose
from monitor.domain.outcomes import LocalFailure, Outcome
from monitor.domain.phrases import MAX_BODY, MAX_TITLE, fit, lasting
from tests.making import MONDAY_MS

UTC = ZoneInfo("UTC")
LINK = "https://watch.example/incidents/1"
DOWN = Case(
    1,
    AlertKind.AVAILABILITY,
    Severity.CRITICAL,
    "acme",
    ("acme/small",),
    ("acme/small",),
    Outcome.OVERLOADED,
    MONDAY_MS,
    failed={Outcome.OVERLOADED: 3, Outcome.TIMEOUT_TOTAL: 1},
    calls=5,
)
OVER = replace(DOWN, ended_ms=MONDAY_MS + 430_000, still=())
END_MS = MONDAY_MS + 430_000
ERRORS = replace(
    DOWN,
    kind=AlertKind.ERRORS,
    severity=Severity.WARNING,
    outcome=None,
    rule="errors",
    facts={"failed": 8, "calls": 58, "window_min": 15, "classes": {"overloaded": 8}},
)
BURN_FACTS = {"rate_tenths": 148, "down_ms": 266_000, "outages": 2, "long_min": 60}
BURN = replace(
    ERRORS,
    kind=AlertKind.BURN,
    rule="fast_burn",
    facts=BURN_FACTS | {"covered_ms": 3_600_000, "objective_milli": 99_500},
)
SLOW = replace(ERRORS, kind=AlertKind.DEGRADED, rule="degraded", facts={"hold_min": 10})
SEVERAL = replace(DOWN, subjects=("acme/small", "acme/large"))


@pytest.mark.parametrize(
    ("telling", "case", "title"),
    [
        (Telling.OPENED, DOWN, "acme/small is down"),
        (Telling.OPENED, SEVERAL, "acme: 2 endpoints are down"),
        (Telling.CLOSED, replace(OVER, told_before=True), "acme/small is up again after 7 min"),
        (Telling.CLOSED, OVER, "acme/small was down for 7 min"),
        (Telling.FLAPPING, replace(DOWN, changes=4), "acme/small is flapping: 4 changes in 30 min"),
        (
            Telling.OPENED,
            replace(DOWN, kind=AlertKind.ACCOUNT, outcome=Outcome.QUOTA_EXHAUSTED),
            "acme/small: quota exhausted",
        ),
        (
            Telling.CLOSED,
            replace(OVER, kind=AlertKind.MONITOR, outcome=LocalFailure.NETWORK_LOCAL),
            "inferwatch was offline for 7 min",
        ),
        (Telling.OPENED, ERRORS, "acme/small: 13.8 % errors"),
        (Telling.CLOSED, replace(ERRORS, ended_ms=END_MS), "acme/small: 13.8 % errors for 7 min"),
        (
            Telling.CLOSED,
            replace(ERRORS, ended_ms=END_MS, told_before=True),
            "acme/small: errors over after 7 min",
        ),
        (Telling.OPENED, BURN, "acme/small: error budget burns 14.8×"),
        (Telling.OPENED, SLOW, "acme/small: slow or often wrong"),
    ],
)
def test_the_title_says_what_it_is(telling: Telling, case: Case, title: str) -> None:
    assert compose(telling, case, LINK, UTC).title == title


def test_the_body_says_since_when_whose_it_is_and_how_many_calls_failed() -> None:
    body = compose(Telling.OPENED, replace(DOWN, witness="dns.google:443 answered"), LINK, UTC).body

    assert body.splitlines() == [
        "Since 02 Mar 00:00:00 (UTC). Overloaded: theirs, not ours.",
        "4 of 5 calls failed: 3 overloaded, 1 timeout total.",
        "Witnesses: dns.google:443 answered.",
    ]


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (ERRORS, "13.8 % errors: theirs, not ours.\n8 of 58 calls in 15 min: 8 overloaded."),
        (
            BURN,
            (
                "Error budget burns 14.8×: theirs, not ours.\n"
                "4.43 min down in 1 h, 2 outages; the objective is 99.5 %."
            ),
        ),
        (SLOW, "Slow or often wrong: theirs, not ours.\nDegraded for 10 min without a break."),
    ],
)
def test_what_a_rule_found_is_said_with_its_figures(case: Case, said: str) -> None:
    body = compose(Telling.OPENED, case, LINK, UTC).body

    assert body == f"Since 02 Mar 00:00:00 (UTC). {said}"


def test_several_endpoints_are_listed() -> None:
    assert "acme/small, acme/large." in compose(Telling.OPENED, SEVERAL, LINK, UTC).body


@pytest.mark.parametrize(
    ("span_ms", "said"),
    [(0, "0 s"), (59_999, "59 s"), (60_000, "1 min"), (7_500_000, "2 h 5 min"), (9e7, "1 d 1 h")],
)
def test_a_span_is_said_in_two_units_at_most(span_ms: int, said: str) -> None:
    assert lasting(int(span_ms)) == said


def test_of_a_long_title_the_middle_is_left_out() -> None:
    title = fit(f"openrouter/{'x' * 80}/azure is down")

    assert len(title) == MAX_TITLE
    assert title.startswith("openrouter/xxx")
    assert title.endswith("/azure is down")


@given(
    st.lists(st.text(max_size=300), min_size=1, max_size=40),
    st.sampled_from([each for each in Telling if each is not Telling.TEST]),
    st.text(max_size=2000),
    st.sampled_from([DOWN, OVER, SEVERAL]),
)
def test_whatever_the_names_are_a_message_is_short_and_of_plain_lines(
    names: list[str], telling: Telling, witness: str, known: Case
) -> None:
    case = replace(known, subjects=tuple(names), witness=witness)
    message = compose(telling, case, LINK, UTC)

    assert 0 < len(message.title) <= MAX_TITLE
    assert message.title.isprintable()
    assert len(message.body) <= MAX_BODY
    assert all(line.isprintable() for line in message.body.split("\n"))
