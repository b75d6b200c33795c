"""Feeds: sources of prices that are asked again and again, where a user wants it."""

from dataclasses import dataclass
from enum import StrEnum


class FeedKind(StrEnum):
    """Whose format a feed has."""

    OPENROUTER = "openrouter"
    LITELLM = "litellm"
    GENAI_PRICES = "genai_prices"
    MODELS_DEV = "models_dev"


class Policy(StrEnum):
    """Who accepts what a feed proposes: nobody but the user, or we where it is within reason."""

    BY_HAND = "by_hand"
    WITHIN_REASON = "within_reason"


#: The only address that the references name; all others are the user's to give.
OPENROUTER_URL = "https://openrouter.ai/api/v1"


@dataclass(frozen=True, slots=True)
class Feed:
    """One source; `place` is an http(s) URL, or the path of a file."""

    name: str
    kind: FeedKind
    place: str

    @property
    def is_file(self) -> bool:
        """Whether it is read from this machine."""
        return not self.place.startswith(("http://", "https://"))


@dataclass(frozen=True, slots=True)
class Feeds:
    """All of an installation, how often they are asked, and who accepts what they say."""

    sources: tuple[Feed, ...] = ()
    every_s: float = 86_400.0
    policy: Policy = Policy.BY_HAND


NO_FEEDS = Feeds()
