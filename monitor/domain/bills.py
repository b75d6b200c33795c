"""Bills: what providers themselves say that their days cost. Totals, never calls.

They stand beside our own sums and are added to nothing. A day is one of UTC, as all of them mean
it; money is integer nano-dollars.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from monitor.domain.secrets import Secret

#: What a provider told of a day changes for so long; so those days are asked for again.
CORRECTED_DAYS = 3
#: So far back is asked at first, which all of them answer for.
FIRST_DAYS = 30


class BillKind(StrEnum):
    """Whose interface tells it."""

    OPENAI_ORG = "openai_org"
    ANTHROPIC_ORG = "anthropic_org"
    OPENROUTER = "openrouter"


#: Where each begins.
URLS = {
    BillKind.OPENAI_ORG: "https://api.openai.com",
    BillKind.ANTHROPIC_ORG: "https://api.anthropic.com",
    BillKind.OPENROUTER: "https://openrouter.ai",
}


@dataclass(frozen=True, slots=True)
class Biller:
    """A source of bills. It stands beside our sums of `provider`; its key is another one."""

    name: str
    kind: BillKind
    provider: str
    key: Secret
    url: str


@dataclass(frozen=True, slots=True)
class Billers:
    """All of an installation, and how often they are asked."""

    sources: tuple[Biller, ...] = ()
    every_s: float = 3_600.0


NO_BILLERS = Billers()


class BillLine(NamedTuple):
    """What one item of a UTC day (proleptic ordinal) cost, with tokens and requests where told."""

    day: int
    item: str
    nano_usd: int
    model: str | None = None
    requests: int | None = None
    tokens: int | None = None


class Span(NamedTuple):
    """UTC days (proleptic ordinals) from the first to the last, both included."""

    first: int
    last: int


def span(yesterday: int, through_day: int | None) -> Span:
    """Which complete days to ask for: new ones, and those that may have been corrected since."""
    first = yesterday - FIRST_DAYS + 1
    if through_day is not None:
        first = max(first, min(yesterday, through_day) - CORRECTED_DAYS + 1)
    return Span(first, yesterday)
