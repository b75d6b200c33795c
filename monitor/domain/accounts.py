"""Accounts: whether an endpoint lets us in (docs/semantics.md, 2 and 3).

Account outcomes (bad key, no quota, rate limit, model not ours) say nothing of the provider's
health; confirmed by one more call they open an incident of their own, which a good answer ends.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from monitor.domain.calls import Kind
from monitor.domain.health import Closed
from monitor.domain.outcomes import RULINGS, Blame, Group, Outcome, Result

FAILURES_TO_OPEN = 2


class Answer(NamedTuple):
    """What matters here of a live call."""

    started_ms: int
    ended_ms: int
    outcome: Result
    kind: Kind


@dataclass(frozen=True, slots=True)
class Account:
    """One endpoint's account: everything that decides the next step.

    `failures` counts the account outcomes since the last good answer, `first_failed_ms` is the
    start of the first of them, `outcome` the class of the newest. `has_incident`: an incident is
    open. `last_ms` is the end of the newest answer that counted.
    """

    failures: int = 0
    first_failed_ms: int | None = None
    outcome: Result | None = None
    has_incident: bool = False
    last_ms: int | None = None


class Refused(NamedTuple):
    """An account incident opens: from the first refusal, confirmed by the last, of that class."""

    started_ms: int
    confirmed_ms: int
    outcome: Result


class Moved(NamedTuple):
    """What answers did: the new row, and what happened, in order."""

    account: Account
    transitions: tuple[Refused | Closed, ...]


def advance(account: Account, answers: Iterable[Answer]) -> Moved:
    """Move a row forward by live answers, in their order of recording; all at once or one by one.

    One that ends at or before the newest that counted moves nothing, and so does whatever is
    neither good nor an account outcome.
    """
    transitions: list[Refused | Closed] = []
    for answer in answers:
        if account.last_ms is not None and answer.ended_ms <= account.last_ms:
            continue
        if _is_welcome(answer):
            if account.has_incident:
                transitions.append(Closed(answer.ended_ms, answer.ended_ms))
            account = Account(last_ms=answer.ended_ms)
        elif _is_refused(answer):
            counted = _count(account, answer)
            if counted.has_incident and not account.has_incident:
                started_ms = _first_failed_ms(account, answer)
                transitions.append(Refused(started_ms, answer.ended_ms, answer.outcome))
            account = counted
    return Moved(account, tuple(transitions))


def _is_welcome(answer: Answer) -> bool:
    # A model list that answers does not heal a chat that is refused.
    return answer.kind is not Kind.REACH and RULINGS[answer.outcome].group is Group.GOOD


def _is_refused(answer: Answer) -> bool:
    is_missing_list = answer.kind is Kind.REACH and answer.outcome is Outcome.MODEL_NOT_FOUND
    return RULINGS[answer.outcome].blame is Blame.ACCOUNT and not is_missing_list


def _count(account: Account, answer: Answer) -> Account:
    failures = account.failures + 1
    return Account(
        failures=failures,
        first_failed_ms=_first_failed_ms(account, answer),
        outcome=answer.outcome,
        has_incident=account.has_incident or failures >= FAILURES_TO_OPEN,
        last_ms=answer.ended_ms,
    )


def _first_failed_ms(account: Account, answer: Answer) -> int:
    return answer.started_ms if account.first_failed_ms is None else account.first_failed_ms
