"""Catalogue: the simulator's providers and models, all of them fictitious.

Prices are decimal strings in USD per million tokens, as providers publish them. Paces are the
median time to first token in seconds, the median tokens per second after it, and the spread of
the first (sigma of a log-normal).
"""

from dataclasses import dataclass

PORT = 8052
KEY = "sk-simulated-demo"
KEY_PREFIX = "sk-simulated-"
KEY_WITHOUT_CREDIT = "sk-simulated-no-credit"


@dataclass(frozen=True, slots=True)
class Price:
    """USD per million tokens; `cached` is `None` where cache reads have no rate of their own."""

    input: str
    output: str
    cached: str | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a model answers when nothing is wrong."""

    ttft_s: float
    tokens_per_s: float
    spread: float = 0.25


@dataclass(frozen=True, slots=True)
class Model:
    """A model at its provider: `name` is sent on the wire, `id` is the canonical author/slug.

    `output_floor` is the smallest output limit in tokens that leaves room for an answer: a
    reasoning model spends the first of them on thinking. `age_days` is how long a monitor has
    known the model in the simulated history (`None`: all of it).
    """

    provider: str
    name: str
    context_length: int
    price: Price | None
    pace: Pace
    has_cache: bool = True
    is_reasoning: bool = False
    output_floor: int = 16
    age_days: int | None = None

    @property
    def id(self) -> str:
        """The canonical `author/slug`."""
        return f"{self.provider}/{self.name}"


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider and the habits of its wire, each of which breaks somebody's parser.

    `tokens_per_chunk`: a chunk is not a token. `sends_comments`: keep-alive lines between
    events. `pads_chunks`: random padding beside each delta. `numbers_codes`: `error.code` is
    the HTTP status as a number rather than a name.
    """

    name: str
    tokens_per_chunk: int = 1
    sends_comments: bool = False
    pads_chunks: bool = False
    numbers_codes: bool = False

    def base_url(self, port: int = PORT) -> str:
        """Where this provider's API is served on loopback."""
        return f"http://127.0.0.1:{port}/{self.name}/v1"


PROVIDERS = {
    "aurora": Provider("aurora", pads_chunks=True),
    "borealis": Provider("borealis", tokens_per_chunk=2, sends_comments=True),
    "cirrus": Provider("cirrus", tokens_per_chunk=3, numbers_codes=True),
}

MODELS = (
    Model(
        "aurora",
        "aurora-large",
        context_length=128_000,
        price=Price("2.50", "10.00", cached="1.25"),
        pace=Pace(0.42, 85),
    ),
    Model(
        "aurora",
        "aurora-small",
        context_length=128_000,
        price=Price("0.15", "0.60", cached="0.075"),
        pace=Pace(0.28, 140),
    ),
    Model(
        "borealis",
        "boreal-pro",
        context_length=200_000,
        price=Price("3.00", "15.00", cached="0.30"),
        pace=Pace(0.75, 62, spread=0.35),
    ),
    Model(
        "borealis",
        "boreal-lite",
        context_length=64_000,
        price=Price("0.80", "4.00"),
        pace=Pace(0.45, 110, spread=0.35),
        has_cache=False,
    ),
    Model(
        "cirrus",
        "cirrus-chat",
        context_length=64_000,
        price=Price("0.27", "1.10", cached="0.07"),
        pace=Pace(0.6, 48, spread=0.3),
    ),
    Model(
        "cirrus",
        "cirrus-reason",
        context_length=64_000,
        price=Price("0.55", "2.19", cached="0.14"),
        pace=Pace(0.8, 55, spread=0.3),
        is_reasoning=True,
        output_floor=64,
    ),
    Model(
        "cirrus",
        "cirrus-preview",
        context_length=32_000,
        price=None,
        pace=Pace(1.1, 35, spread=0.45),
        has_cache=False,
        age_days=20,
    ),
)

BY_ID = {model.id: model for model in MODELS}


def list_models(provider: str) -> tuple[Model, ...]:
    """The provider's models, in the catalogue's order."""
    return tuple(model for model in MODELS if model.provider == provider)
