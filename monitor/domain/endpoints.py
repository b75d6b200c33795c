"""Endpoints: one model, served by one provider, at one base URL, in one flavour, with one key.

Health and price hang on the endpoint, not on the model. A target is a (base URL, key) pair that
several endpoints share: reachability checks are made once for it.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from monitor.domain.capabilities import Capability
from monitor.domain.dialects import PLAIN, Dialect
from monitor.domain.secrets import Secret

DATED = re.compile(r"-(?:20\d{2}-\d{2}-\d{2}|20\d{6}|\d{4})$")


class Flavour(StrEnum):
    """The wire API that an endpoint speaks."""

    OPENAI_CHAT = "openai_chat"
    OPENAI_RESPONSES = "openai_responses"
    OPENAI_EMBEDDINGS = "openai_embeddings"
    ANTHROPIC = "anthropic"
    GEMINI = "gemini"
    OPENROUTER = "openrouter"
    OLLAMA = "ollama"
    COHERE = "cohere"


#: Flavours that embed texts, and do nothing else.
EMBEDDING = frozenset({Flavour.OPENAI_EMBEDDINGS})


@dataclass(frozen=True, slots=True)
class Target:
    """Where endpoints that share a base URL and a key are reached. `id` is `provider@key_alias`.

    `dialect` is how this host wants its flavour to be spoken; at most `concurrency` probes of a
    provider are under way at a time.
    """

    id: str
    provider: str
    base_url: str
    flavour: Flavour
    key_alias: str
    key: Secret | None
    reach_interval_s: float = 60.0
    dialect: Dialect = PLAIN
    concurrency: int = 4


@dataclass(frozen=True, slots=True)
class Pins:
    """Which of the providers behind a gateway may answer; nothing said leaves the choice to it.

    `only` and `ignore` let in and shut out, `order` says who is asked first, by the gateway's
    short names. Without `allow_fallbacks` no other than the first is asked.
    """

    only: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    allow_fallbacks: bool | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A thing that is watched. `id` is `provider/model_name` unless the settings name it.

    `model` is the canonical `author/slug`; `model_name` is what the wire is sent. `pins` hold
    where a gateway serves the model through others. Without a `performance_interval_s` its speed
    is not measured; `capabilities` are those to be tested, `None` for what is known of models of
    its name. From `retires_day` on (proleptic ordinal, UTC) it is served no longer.
    """

    id: str
    target: Target
    model: str
    model_name: str
    interval_s: float = 300.0
    output_tokens: int = 16
    timeout_s: float = 60.0
    is_probed: bool = True
    pins: Pins | None = None
    performance_interval_s: float | None = 10_800.0
    capability_interval_s: float = 86_400.0
    capabilities: tuple[Capability, ...] | None = None
    retires_day: int | None = None

    @property
    def family(self) -> str:
        """The model without its date: `openai/gpt-4o-2024-08-06` is of `openai/gpt-4o`."""
        return DATED.sub("", self.model)
