"""Outcomes: what became of a call, in words a reader who knows no code understands."""

from dashboard.components.cells import Cell, state
from monitor.domain.outcomes import RULINGS, Blame, Group, LocalFailure, Outcome, Result

#: Why, in one sentence. What is not here explains itself by its name.
_WHY: dict[Result, str] = {
    Outcome.OK: "The answer was complete.",
    Outcome.WRONG_ANSWER: "The answer was complete, but not the known one. Counted in quality.",
    Outcome.AUTH: "The key was not accepted.",
    Outcome.PERMISSION: "The key may not use this model.",
    Outcome.QUOTA_EXHAUSTED: "The account has no quota or credit left.",
    Outcome.RATE_LIMITED: "The account sent more than its rate limit allows.",
    Outcome.MODEL_NOT_FOUND: "The account cannot see this model.",
    Outcome.OVERLOADED: "The provider said that it is overloaded.",
    Outcome.SERVER_ERROR: "The provider failed with an error of its own.",
    Outcome.BAD_REQUEST: "The request was not valid.",
    Outcome.CONTEXT_LENGTH: "The request was longer than the model's context.",
    Outcome.CONTENT_FILTER: "The content was refused.",
    Outcome.TIMEOUT_CONNECT: "No connection was made in time.",
    Outcome.TIMEOUT_FIRST_TOKEN: "No token came in time.",
    Outcome.TIMEOUT_TOTAL: "The answer did not end in time.",
    Outcome.DNS: "The host's name could not be looked up.",
    Outcome.TCP_REFUSED: "The host refused the connection.",
    Outcome.TLS: "No trusted connection could be made.",
    Outcome.STREAM_CUT: "The stream ended before the answer did.",
    Outcome.MALFORMED: "The answer was not what the API promises.",
    Outcome.EMPTY_RESPONSE: "The answer held not one token.",
    Outcome.UNKNOWN: "We do not know this combination; the excerpt shows what came.",
    LocalFailure.MONITOR_ERROR: "The monitor itself failed.",
    LocalFailure.NETWORK_LOCAL: "Our own network was gone: no witness answered either.",
}

_BLAME = {
    Blame.NOBODY: "Nobody: it is a good call.",
    Blame.PROVIDER: "The provider. It counts against its availability.",
    Blame.ACCOUNT: "Our account. It does not count against the provider's availability.",
    Blame.CALLER: "The caller. It counts against nobody.",
    Blame.NETWORK: "The way to the provider. It counts against its availability.",
    Blame.MONITOR: "Our own side. It is never charged to an endpoint.",
    Blame.UNCLEAR: "Not clear. It counts against nobody.",
}


_WHO = {
    Blame.NOBODY: "nobody",
    Blame.PROVIDER: "the provider",
    Blame.ACCOUNT: "our account",
    Blame.CALLER: "the caller",
    Blame.NETWORK: "the way there",
    Blame.MONITOR: "our own side",
    Blame.UNCLEAR: "unclear",
}


def name(result: Result) -> str:
    """The class as words."""
    return result.value.replace("_", " ")


def why(result: Result) -> str:
    """What happened, in a sentence."""
    return _WHY[result]


def answers_for(result: Result) -> str:
    """Who answers for it, in a word or two."""
    return _WHO[RULINGS[result].blame]


def blame(result: Result) -> str:
    """Who answers for it, and what that means for the figures."""
    return _BLAME[RULINGS[result].blame]


def outcome_cell(result: Result, http_status: int | None) -> Cell:
    """The outcome by word, shape and colour."""
    group = RULINGS[result].group
    shown = "excluded" if group is Group.EXCLUDED else group.value
    below = f"HTTP {http_status}" if http_status not in {None, 200} else None
    return state(shown, name(result), below=below, sort=list(Group).index(group))
