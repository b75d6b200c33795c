"""OpenAI: its three APIs over one list of models."""

import uuid
from collections.abc import Mapping, Sequence

from monitor.simulator.catalogue import PREFIXES, Model, Style
from monitor.simulator.events import Document
from monitor.simulator.flavours import openai_chat, openai_embeddings, openai_responses
from monitor.simulator.flavours.openai_errors import reject
from monitor.simulator.operations import Flavour, Listing

REQUESTS_PER_MINUTE = 10_000
BORN_S = 1_750_000_000


def describe(model: Model) -> Document:
    """One model of the list."""
    return {
        "id": model.name,
        "object": "model",
        "created": BORN_S,
        "owned_by": model.provider,
        "context_length": model.context_length,
    }


def enlist(models: Sequence[Document], _following: str | None) -> Document:
    """The list of models: this API has no pages."""
    return {"object": "list", "data": models}


def read_bearer(headers: Mapping[str, str]) -> str | None:
    """The key of a bearer."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key if scheme.lower() == "bearer" and key else None


def make_headers() -> Mapping[str, str]:
    """The request id, new each time, and the rate limit."""
    return {
        "x-request-id": f"req_{uuid.uuid4().hex}",
        "x-ratelimit-limit-requests": f"{REQUESTS_PER_MINUTE}",
        "x-ratelimit-remaining-requests": f"{REQUESTS_PER_MINUTE - 1}",
        "x-ratelimit-reset-requests": "6ms",
    }


FLAVOUR = Flavour(
    prefix=PREFIXES[Style.OPENAI],
    operations=(
        openai_chat.OPERATION,
        openai_responses.OPERATION,
        openai_embeddings.OPERATION,
    ),
    listing=Listing("/models", describe, enlist),
    reject=reject,
    read_key=read_bearer,
    make_headers=make_headers,
)
