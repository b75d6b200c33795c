"""Refusals: why a call is answered with an error, in the words of no flavour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import Any

from monitor.simulator.faults import FaultKind

RETRY_AFTER_S = 20


class Reason(StrEnum):
    """Why; each flavour has its own status, names and words for it."""

    OVERLOADED = auto()
    SERVER_ERROR = auto()
    RATE_LIMITED = auto()
    NO_CREDIT = auto()
    BAD_KEY = auto()
    NO_KEY = auto()
    FORBIDDEN = auto()
    NO_MODEL = auto()
    NO_PATH = auto()
    BAD_BODY = auto()
    TOO_LONG = auto()
    NO_UPSTREAM = auto()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason, the facts that its words are about, and the parameter that is to blame."""

    reason: Reason
    param: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A refusal as a flavour puts it. `message` is in the body already."""

    status: int
    message: str
    body: dict[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


class RefusalError(Exception):
    """Raised where a request ends in a refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason, refusal.facts)
        self.refusal = refusal


#: Faults that leave nothing of the answer but an error.
REFUSALS = {
    FaultKind.OVERLOADED: Reason.OVERLOADED,
    FaultKind.SERVER_ERROR: Reason.SERVER_ERROR,
    FaultKind.RATE_LIMITED: Reason.RATE_LIMITED,
    FaultKind.NO_CREDIT: Reason.NO_CREDIT,
    FaultKind.BAD_KEY: Reason.BAD_KEY,
    FaultKind.FORBIDDEN: Reason.FORBIDDEN,
}
#: Faults that come as an error within an answer of status 200.
CONFESSIONS = {
    FaultKind.ERROR_200: Reason.SERVER_ERROR,
    FaultKind.OVERLOADED_200: Reason.OVERLOADED,
}


def refuse(reason: Reason, param: str | None = None, **facts: object) -> Refusal:
    """The refusal of a reason that needs facts for its words."""
    return Refusal(reason, param, facts)


def refuse_fault(kind: FaultKind) -> Refusal:
    """The refusal that a scripted fault is."""
    return refuse(REFUSALS[kind], key="it expired")


def refuse_key(key: str) -> Refusal:
    """The refusal of a key that is not ours; its words echo the key, masked."""
    return refuse(Reason.BAD_KEY, key=f"{key[:3]}{'*' * 8}{key[-4:]}")


def refuse_body(message: str, param: str | None = None) -> Refusal:
    """The refusal of a request that the API does not understand."""
    return refuse(Reason.BAD_BODY, param, message=message)
