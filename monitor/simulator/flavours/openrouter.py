"""OpenRouter: OpenAI's Chat Completions with a router's additions.

Behind it stand two upstreams, of which the caller may choose.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from monitor.simulator.catalogue import PREFIXES, Model, Price, Provider, Style, list_models
from monitor.simulator.chance import draw
from monitor.simulator.chats import Asked, Chat
from monitor.simulator.events import Document, Event, Reply
from monitor.simulator.flavours import openai_chat, openai_embeddings
from monitor.simulator.flavours.openai import BORN_S, read_bearer
from monitor.simulator.operations import Flavour, Listing, Operation
from monitor.simulator.refusals import (
    RETRY_AFTER_S,
    Reason,
    Refusal,
    RefusalError,
    Rejection,
    refuse,
)

UPSTREAMS = {"nimbus": "Nimbus", "stratus": "Stratus"}
_ROWS = {
    Reason.OVERLOADED: (503, "provider_overloaded", "Provider returned error: overloaded"),
    Reason.SERVER_ERROR: (502, "provider_unavailable", "Upstream reset"),
    Reason.RATE_LIMITED: (429, "rate_limit_exceeded", "Rate limit exceeded"),
    Reason.NO_CREDIT: (402, "payment_required", "Insufficient credits. Add more to continue."),
    Reason.BAD_KEY: (401, "authentication", "User not found."),
    Reason.NO_KEY: (401, "authentication", "No auth credentials found"),
    Reason.FORBIDDEN: (403, "permission_denied", "Your key has no access to this model."),
    Reason.NO_MODEL: (400, "invalid_request", "{model} is not a valid model ID"),
    Reason.NO_PATH: (404, "not_found", "Not Found"),
    Reason.BAD_BODY: (400, "invalid_request", "{message}"),
    Reason.TOO_LONG: (
        400,
        "context_length_exceeded",
        "This endpoint's maximum context length is {limit} tokens. You requested {tokens} tokens.",
    ),
    Reason.NO_UPSTREAM: (404, "not_found", "No allowed providers are available for the model."),
}
_MORE: dict[Reason, Document] = {
    Reason.NO_CREDIT: {"limit_source": "openrouter_credits"},
    Reason.NO_MODEL: {"availability": {"code": "model_not_found", "retryable": False}},
}


def reject(refusal: Refusal, _provider: Provider) -> Rejection:
    """The refusal in OpenRouter's envelope: the status as a number, the kind in the metadata."""
    status, kind, template = _ROWS[refusal.reason]
    message = template.format_map(refusal.facts)
    metadata = {"error_type": kind} | _MORE.get(refusal.reason, {})
    body = {"error": {"code": status, "message": message, "metadata": metadata}}
    is_limited = refusal.reason is Reason.RATE_LIMITED
    return Rejection(status, message, body, _LIMITED if is_limited else {})


_LIMITED = {
    "retry-after": f"{RETRY_AFTER_S}",
    "x-ratelimit-limit": "20",
    "x-ratelimit-remaining": "0",
}


def read(asked: Asked) -> Chat:
    """The chat in a request's body, its upstream chosen; usage is always told."""
    chat = openai_chat.read(asked)
    wishes = asked.body.get("provider") or {}
    return replace(chat, wants_usage=True, upstream=_choose_upstream(wishes, chat.prompt))


def _choose_upstream(wishes: Mapping[str, Any], prompt: str) -> str:
    slugs = wishes.get("only") or wishes.get("order") or list(UPSTREAMS)
    allowed = [slug for slug in slugs if slug in UPSTREAMS]
    allowed = [slug for slug in allowed if slug not in (wishes.get("ignore") or [])]
    if not allowed:
        raise RefusalError(refuse(Reason.NO_UPSTREAM))
    return UPSTREAMS[allowed[int(draw("upstream", prompt) * len(allowed))]]


def write(reply: Reply) -> Document:
    """The whole completion."""
    return _enrich(openai_chat.write(reply), reply)


def stream(reply: Reply) -> Iterator[Event]:
    """The chunks."""
    for due_s, content in openai_chat.stream(reply):
        yield Event(due_s, content if isinstance(content, str) else _enrich(content, reply))


def _enrich(completion: Document, reply: Reply) -> Document:
    """What a router adds to a completion or chunk: who answered, in whose words, at what cost."""
    body = completion | {"id": f"gen-{reply.id}", "provider": reply.chat.upstream}
    body["choices"] = [_enrich_choice(choice) for choice in body["choices"]]
    if body.get("usage"):
        body["usage"] = body["usage"] | _tell_cost(reply)
    return body


def _enrich_choice(choice: Document) -> Document:
    said = "message" if "message" in choice else "delta"
    spoken = {("reasoning" if k == "reasoning_content" else k): v for k, v in choice[said].items()}
    return choice | {said: spoken, "native_finish_reason": choice["finish_reason"]}


def _tell_cost(reply: Reply) -> Document:
    return {
        "cost": float(reply.answer.cost(reply.chat)),
        "is_byok": False,
        "cost_details": {"upstream_inference_cost": None},
    }


def break_off(rejection: Rejection, reply: Reply, _position: int) -> Document:
    """A last chunk that carries the error."""
    error = rejection.body["error"]
    choice = {"index": 0, "delta": {"content": ""}, "finish_reason": "error"}
    return {
        "id": f"gen-{reply.id}",
        "object": "chat.completion.chunk",
        "created": reply.created_s,
        "model": reply.chat.model.name,
        "provider": reply.chat.upstream,
        "error": error,
        "choices": [choice],
    }


def describe(model: Model) -> Document:
    """One model of the catalogue, its prices in USD for a single token."""
    return {
        "id": model.name,
        "canonical_slug": model.name,
        "name": model.name.title(),
        "created": BORN_S,
        "context_length": model.context_length,
        "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
        "pricing": _price(model.price),
        "top_provider": {"context_length": model.context_length, "is_moderated": False},
        "supported_parameters": ["max_tokens", "tools", "response_format"],
        "expiration_date": None,
    }


def _price(price: Price | None) -> Document:
    if price is None:
        return {}
    rates = {
        "prompt": price.input,
        "completion": price.output,
        "input_cache_read": price.cached or price.input,
    }
    return {name: f"{Decimal(usd) / 1_000_000:f}" for name, usd in rates.items()}


def enlist(models: Sequence[Document], following: str | None) -> Document:
    """The catalogue, or its first models."""
    link = None if following is None else f"/api/v1/models?offset={len(models)}"
    return {"data": models, "links": {"next": link}}


def _list_upstreams(model: Model) -> Document:
    """Who serves a model: the second asks a tenth more."""
    dearer = {k: f"{Decimal(usd) * 11 / 10:f}" for k, usd in _price(model.price).items()}
    rows = [
        {
            "name": f"{name} | {model.name}",
            "model_id": model.name,
            "provider_name": name,
            "tag": slug,
            "context_length": model.context_length,
            "pricing": pricing,
            "status": 0,
            "uptime_last_30m": None,
        }
        for (slug, name), pricing in zip(
            UPSTREAMS.items(), (_price(model.price), dearer), strict=True
        )
    ]
    return {"data": {"id": model.name, "name": model.name.title(), "endpoints": rows}}


_UPSTREAM_PAGES = {
    f"/models/{model.name}/endpoints": _list_upstreams(model) for model in list_models("foehn")
}
_KEY_PAGE = {
    "data": {
        "label": "sk-or-v1-sim...ed",
        "limit": None,
        "limit_remaining": None,
        "usage": 0.25,
        "is_free_tier": False,
        "is_management_key": False,
    }
}


def make_headers() -> Mapping[str, str]:
    """The generation's id; a limit is told only to who has reached it."""
    return {"x-generation-id": f"gen-{uuid.uuid4().hex}"}


FLAVOUR = Flavour(
    prefix=PREFIXES[Style.OPENROUTER],
    operations=(
        Operation("/chat/completions", read, write, reject, stream, break_off=break_off),
        replace(openai_embeddings.OPERATION, reject=reject),
    ),
    listing=Listing("/models", describe, enlist, "limit", is_public=True),
    reject=reject,
    read_key=read_bearer,
    make_headers=make_headers,
    pages={"/key": _KEY_PAGE},
    public_pages=_UPSTREAM_PAGES,
)
