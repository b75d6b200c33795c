"""Account incidents: opened by a second refusal, closed by a good answer."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.accounts import Account, Answer, Refused, advance
from monitor.domain.calls import Kind
from monitor.domain.health import Closed
from monitor.domain.outcomes import RULINGS, Blame, LocalFailure, Outcome, Result

ACCOUNT_CLASSES = [o for o in Outcome if RULINGS[o].blame is Blame.ACCOUNT]
OPEN = Account(2, 10, Outcome.AUTH, has_incident=True, last_ms=40)


def answer(started_ms: int, ended_ms: int, outcome: Result, kind: Kind = Kind.INFER) -> Answer:
    return Answer(started_ms, ended_ms, outcome, kind)


def test_one_refusal_opens_nothing() -> None:
    account, transitions = advance(Account(), [answer(10, 20, Outcome.AUTH)])

    assert account == Account(1, 10, Outcome.AUTH, has_incident=False, last_ms=20)
    assert transitions == ()


@pytest.mark.parametrize("outcome", ACCOUNT_CLASSES)
def test_a_second_refusal_of_any_account_class_opens_an_incident(outcome: Outcome) -> None:
    account, transitions = advance(Account(), [answer(10, 20, outcome), answer(30, 40, outcome)])

    assert transitions == (Refused(started_ms=10, confirmed_ms=40, outcome=outcome),)
    assert account == Account(2, 10, outcome, has_incident=True, last_ms=40)


def test_the_incident_is_of_the_class_that_confirmed_it() -> None:
    answers = [answer(10, 20, Outcome.RATE_LIMITED), answer(30, 40, Outcome.QUOTA_EXHAUSTED)]

    assert advance(Account(), answers).transitions == (Refused(10, 40, Outcome.QUOTA_EXHAUSTED),)


def test_further_refusals_open_nothing_more_but_tell_the_newest_class() -> None:
    account, transitions = advance(OPEN, [answer(50, 60, Outcome.PERMISSION)])

    assert transitions == ()
    assert (account.outcome, account.has_incident) == (Outcome.PERMISSION, True)


def test_a_good_answer_between_two_refusals_keeps_them_apart() -> None:
    outcomes = [Outcome.AUTH, Outcome.OK, Outcome.AUTH]
    answers = [answer(at, at + 5, outcome) for at, outcome in enumerate(outcomes)]

    assert advance(Account(), answers).transitions == ()


@pytest.mark.parametrize("kind", [Kind.INFER, Kind.REQUEST])
def test_a_good_answer_closes_the_incident_at_its_end(kind: Kind) -> None:
    account, transitions = advance(OPEN, [answer(50, 60, Outcome.OK, kind)])

    assert transitions == (Closed(ended_ms=60, confirmed_ms=60),)
    assert account == Account(last_ms=60)


@pytest.mark.parametrize(
    "result", [Outcome.SERVER_ERROR, Outcome.BAD_REQUEST, Outcome.UNKNOWN, *LocalFailure]
)
def test_other_outcomes_neither_confirm_nor_close(result: Result) -> None:
    once = Account(1, 10, Outcome.AUTH, last_ms=20)

    assert advance(OPEN, [answer(50, 60, result)]) == (OPEN, ())
    assert advance(once, [answer(50, 60, result)]) == (once, ())


def test_a_model_list_that_answers_does_not_heal_a_refused_chat() -> None:
    assert advance(OPEN, [answer(50, 60, Outcome.OK, Kind.REACH)]) == (OPEN, ())


def test_a_refused_model_list_confirms_unless_there_is_none() -> None:
    refused, missing = Outcome.AUTH, Outcome.MODEL_NOT_FOUND

    assert advance(Account(), [answer(50, 60, refused, Kind.REACH)]).account.failures == 1
    assert advance(Account(), [answer(50, 60, missing, Kind.REACH)]).account.failures == 0


@pytest.mark.parametrize("outcome", [Outcome.OK, Outcome.AUTH])
def test_an_answer_older_than_the_newest_moves_nothing(outcome: Outcome) -> None:
    assert advance(OPEN, [answer(30, 40, outcome)]) == (OPEN, ())


ANSWERS = st.lists(
    st.builds(
        lambda at, length, outcome, kind: Answer(at, at + length, outcome, kind),
        st.integers(0, 100),
        st.integers(0, 20),
        st.sampled_from([Outcome.OK, Outcome.AUTH, Outcome.RATE_LIMITED, Outcome.DNS]),
        st.sampled_from(Kind),
    ),
    max_size=15,
)


def one_by_one(answers: Sequence[Answer]) -> tuple[Account, list[Refused | Closed]]:
    account, happened = Account(), list[Refused | Closed]()
    for each in answers:
        account, transitions = advance(account, [each])
        happened.extend(transitions)
    return account, happened


@given(ANSWERS)
def test_a_replay_at_once_gives_the_same(answers: list[Answer]) -> None:
    account, transitions = advance(Account(), answers)

    assert (account, list(transitions)) == one_by_one(answers)


@given(ANSWERS)
def test_refusals_and_closings_alternate_in_order(answers: list[Answer]) -> None:
    transitions = advance(Account(), answers).transitions

    assert [type(t) for t in transitions] == [
        (Refused, Closed)[i % 2] for i in range(len(transitions))
    ]
    assert all(a.confirmed_ms < b.confirmed_ms for a, b in pairwise(transitions))
    assert all(t[0] <= t.confirmed_ms for t in transitions)
