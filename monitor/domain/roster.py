"""Roster: all providers that we know, found by their address."""

from monitor.domain.dialects import PLAIN, Dialect
from monitor.domain.endpoints import Flavour
from monitor.domain.local_servers import LOCAL
from monitor.domain.model_hosts import HOSTS
from monitor.domain.model_makers import MAKERS
from monitor.domain.providers import Provider

HOSTED: tuple[Provider, ...] = (*MAKERS, *HOSTS)
PROVIDERS: tuple[Provider, ...] = (*HOSTED, *LOCAL)

#: Keys that are not watched by themselves, and why.
NOT_WATCHED = {
    "AWS_BEARER_TOKEN_BEDROCK": "AWS Bedrock: its API is not spoken yet",
    "GOOGLE_VERTEX_PROJECT": "Google Vertex AI: its API is not spoken yet",
    "VERTEXAI_PROJECT": "Google Vertex AI: its API is not spoken yet",
    "HF_TOKEN": "Hugging Face: mostly a token for downloads; add its router by hand",
    "NVIDIA_API_KEY": "NVIDIA: its models have no published price; add it by hand",
    "PERPLEXITY_API_KEY": "Perplexity: it bills each request besides; add it by hand",
}


def provider_at(base_url: str) -> Provider | None:
    """The provider that is known to be at a base URL's host."""
    return next((provider for provider in PROVIDERS if provider.is_at(base_url)), None)


def flavour_at(base_url: str) -> Flavour:
    """What is spoken at a base URL, as far as it can be told: OpenAI Chat where it cannot."""
    known = provider_at(base_url)
    return known.flavour if known and known.speaks_at(base_url) else Flavour.OPENAI_CHAT


def dialect_at(base_url: str) -> Dialect:
    """How the host of a base URL wants to be spoken to."""
    known = provider_at(base_url)
    return PLAIN if known is None else known.dialect
