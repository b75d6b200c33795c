"""The one table of blame, row by row."""

import pytest

from monitor.domain.outcomes import (
    CONNECTION_LEVEL,
    RULINGS,
    Blame,
    Group,
    LocalFailure,
    Outcome,
    Result,
)

#: Blame, group, and whether it is charged, unusable by us, worth a retry.
EXPECTED = {
    Outcome.OK: ("nobody", "good", "---"),
    Outcome.WRONG_ANSWER: ("nobody", "good", "---"),
    Outcome.AUTH: ("account", "excluded", "-u-"),
    Outcome.PERMISSION: ("account", "excluded", "-u-"),
    Outcome.QUOTA_EXHAUSTED: ("account", "excluded", "-u-"),
    Outcome.RATE_LIMITED: ("account", "excluded", "-ur"),
    Outcome.MODEL_NOT_FOUND: ("account", "excluded", "-u-"),
    Outcome.OVERLOADED: ("provider", "bad", "cur"),
    Outcome.SERVER_ERROR: ("provider", "bad", "cur"),
    Outcome.BAD_REQUEST: ("caller", "excluded", "---"),
    Outcome.CONTEXT_LENGTH: ("caller", "excluded", "---"),
    Outcome.CONTENT_FILTER: ("caller", "excluded", "---"),
    Outcome.TIMEOUT_CONNECT: ("network", "bad", "cur"),
    Outcome.TIMEOUT_FIRST_TOKEN: ("provider", "bad", "cur"),
    Outcome.TIMEOUT_TOTAL: ("provider", "bad", "cur"),
    Outcome.DNS: ("network", "bad", "cur"),
    Outcome.TCP_REFUSED: ("network", "bad", "cur"),
    Outcome.TLS: ("network", "bad", "cu-"),
    Outcome.STREAM_CUT: ("provider", "bad", "cur"),
    Outcome.MALFORMED: ("provider", "bad", "cur"),
    Outcome.EMPTY_RESPONSE: ("provider", "bad", "cu-"),
    Outcome.UNKNOWN: ("unclear", "excluded", "---"),
    LocalFailure.MONITOR_ERROR: ("monitor", "local", "--r"),
    LocalFailure.NETWORK_LOCAL: ("monitor", "local", "--r"),
}


@pytest.mark.parametrize("result", [*Outcome, *LocalFailure])
def test_each_class_is_ruled_as_the_table_of_the_docs_says(result: Result) -> None:
    ruling = RULINGS[result]
    claims = (ruling.is_charged, ruling.is_unusable, ruling.is_retryable)

    flags = "".join(mark if claim else "-" for mark, claim in zip("cur", claims, strict=True))
    assert (ruling.blame, ruling.group, flags) == EXPECTED[result]


@pytest.mark.parametrize("failure", LocalFailure)
def test_what_fails_on_our_side_is_never_charged(failure: LocalFailure) -> None:
    ruling = RULINGS[failure]

    assert (ruling.is_charged, ruling.is_unusable) == (False, False)
    assert not isinstance(failure, Outcome)


@pytest.mark.parametrize("outcome", Outcome)
def test_bad_in_the_success_rate_is_what_is_charged(outcome: Outcome) -> None:
    ruling = RULINGS[outcome]

    assert ruling.is_charged is (ruling.group is Group.BAD)
    assert ruling.is_unusable is (ruling.is_charged or ruling.blame is Blame.ACCOUNT)


def test_the_witness_rule_looks_into_what_the_network_is_blamed_for() -> None:
    assert {o for o in Outcome if RULINGS[o].blame is Blame.NETWORK} == CONNECTION_LEVEL
