"""Catalogue: the simulator's providers and models, all of them fictitious.

Prices are decimal strings in USD per million tokens, as providers publish them. Paces are the
median time to first token in seconds, the median tokens per second after it, and the spread of
the first (sigma of a log-normal).
"""

from dataclasses import dataclass
from enum import StrEnum

PORT = 8052
KEY = "sk-simulated-demo"
KEY_PREFIX = "sk-simulated-"
KEY_WITHOUT_CREDIT = "sk-simulated-no-credit"


class Style(StrEnum):
    """Whose wire API a provider copies."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    GEMINI = "gemini"
    OPENROUTER = "openrouter"
    OLLAMA = "ollama"
    COHERE = "cohere"


#: What comes between a provider's name and an operation in the address, as with the originals.
PREFIXES = {
    Style.OPENAI: "/v1",
    Style.ANTHROPIC: "",
    Style.GEMINI: "/v1beta",
    Style.OPENROUTER: "/api/v1",
    Style.OLLAMA: "",
    Style.COHERE: "",
}


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

    `age_days` is how long a monitor has known the model in the simulated history (`None`: all of
    it). An embedder answers no chat.
    """

    provider: str
    name: str
    context_length: int
    price: Price | None
    pace: Pace
    has_cache: bool = True
    is_reasoning: bool = False
    age_days: int | None = None
    is_embedder: bool = False

    @property
    def id(self) -> str:
        """The canonical `author/slug`."""
        return f"{self.provider}/{self.name}"

    @property
    def output_floor(self) -> int:
        """The smallest output limit in tokens that leaves room for an answer after thinking."""
        return 64 if self.is_reasoning else 16


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider and the habits of its wire, each of which breaks somebody's parser.

    `tokens_per_chunk`: a chunk is not a token. `sends_comments`: keep-alive lines between
    events. `pads_chunks`: random padding beside each delta. `numbers_codes`: `error.code` is
    the HTTP status as a number rather than a name.
    """

    name: str
    style: Style = Style.OPENAI
    tokens_per_chunk: int = 1
    sends_comments: bool = False
    pads_chunks: bool = False
    numbers_codes: bool = False

    def base_url(self, port: int = PORT) -> str:
        """Where this provider's API is served on loopback."""
        return f"http://127.0.0.1:{port}/{self.name}{PREFIXES[self.style]}"


PROVIDERS = {
    "aurora": Provider("aurora", pads_chunks=True),
    "borealis": Provider("borealis", tokens_per_chunk=2, sends_comments=True),
    "cirrus": Provider("cirrus", tokens_per_chunk=3, numbers_codes=True),
    "dusk": Provider("dusk", Style.ANTHROPIC),
    "equinox": Provider("equinox", Style.GEMINI, tokens_per_chunk=4),
    "foehn": Provider("foehn", Style.OPENROUTER, sends_comments=True, numbers_codes=True),
    "gale": Provider("gale", Style.OLLAMA),
    "halo": Provider("halo", Style.COHERE, tokens_per_chunk=2),
    "iris": Provider("iris"),
}
#: Those that the demo watches and the simulated history tells of.
DEMO = ("aurora", "borealis", "cirrus")

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
    Model("dusk", "dusk-opal", 200_000, Price("3.00", "15.00", cached="0.30"), Pace(0.7, 70)),
    Model(
        "dusk",
        "dusk-onyx",
        200_000,
        Price("5.00", "25.00", cached="0.50"),
        Pace(0.9, 60),
        is_reasoning=True,
    ),
    Model(
        "equinox", "equinox-lite", 1_048_576, Price("0.10", "0.40", cached="0.025"), Pace(0.3, 180)
    ),
    Model(
        "equinox",
        "equinox-flash",
        1_048_576,
        Price("0.30", "2.50", cached="0.075"),
        Pace(0.5, 150),
        is_reasoning=True,
    ),
    Model("equinox", "equinox-embed", 8_192, Price("0.15", "0"), Pace(0.2, 1000), is_embedder=True),
    Model("foehn", "foehn/warm-1", 128_000, Price("1.00", "4.00", cached="0.25"), Pace(0.6, 90)),
    Model(
        "foehn",
        "foehn/dry-think",
        64_000,
        Price("0.50", "2.00", cached="0.10"),
        Pace(0.8, 60),
        is_reasoning=True,
    ),
    Model("gale", "gale:8b", 8_192, None, Pace(0.2, 40), has_cache=False),
    Model("gale", "gale-think:8b", 32_768, None, Pace(0.2, 40), has_cache=False, is_reasoning=True),
    Model("gale", "gale-embed:latest", 8_192, None, Pace(0.1, 1000), is_embedder=True),
    Model("halo", "halo-a", 256_000, Price("2.50", "10.00"), Pace(0.5, 75)),
    Model(
        "halo",
        "halo-a-reasoning",
        256_000,
        Price("2.50", "10.00"),
        Pace(0.7, 60),
        is_reasoning=True,
    ),
    Model("halo", "halo-embed", 128_000, Price("0.12", "0"), Pace(0.2, 1000), is_embedder=True),
    Model("iris", "iris-mini", 400_000, Price("0.25", "2.00", cached="0.025"), Pace(0.4, 120)),
    Model(
        "iris",
        "iris-think",
        400_000,
        Price("1.25", "10.00", cached="0.125"),
        Pace(0.9, 80),
        is_reasoning=True,
    ),
    Model("iris", "iris-embed", 8_192, Price("0.02", "0"), Pace(0.1, 1000), is_embedder=True),
)

#: The models of the demo.
DEMO_MODELS = tuple(model for model in MODELS if model.provider in DEMO)
BY_ID = {model.id: model for model in MODELS}


def list_models(provider: str) -> tuple[Model, ...]:
    """The provider's models, in the catalogue's order."""
    return tuple(model for model in MODELS if model.provider == provider)
