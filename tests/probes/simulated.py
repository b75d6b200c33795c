"""Simulated: the simulator as our probes meet it, in each flavour.

It shares no code with us, and the official clients hold it to the real wire (`tests/simulator`).
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from json import dumps
from urllib.parse import urlsplit

from monitor.domain.calls import Call
from monitor.domain.endpoints import Endpoint, Flavour, Target
from monitor.domain.secrets import Secret
from monitor.probes import infer, reach
from monitor.simulator.catalogue import KEY, PROVIDERS
from monitor.simulator.faults import FaultKind
from monitor.wire import FLAVOURS
from monitor.wire.questions import Question
from monitor.wire.replies import Reply
from monitor.wire.transport import Transport

NONCE = "n1"


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks a flavour, by a model that answers at once and by one that thinks first."""

    provider: str
    model: str
    thinker: str = ""


SPEAKERS = {
    Flavour.OPENAI_CHAT: Speaker("iris", "iris-mini", "iris-think"),
    Flavour.OPENAI_RESPONSES: Speaker("iris", "iris-mini", "iris-think"),
    Flavour.OPENAI_EMBEDDINGS: Speaker("iris", "iris-embed"),
    Flavour.ANTHROPIC: Speaker("dusk", "dusk-opal", "dusk-onyx"),
    Flavour.GEMINI: Speaker("equinox", "equinox-lite", "equinox-flash"),
    Flavour.OPENROUTER: Speaker("foehn", "foehn/warm-1", "foehn/dry-think"),
    Flavour.OLLAMA: Speaker("gale", "gale:8b", "gale-think:8b"),
    Flavour.COHERE: Speaker("halo", "halo-a", "halo-a-reasoning"),
}


def endpoint_at(
    root_url: str, flavour: Flavour, model: str = "", timeout_s: float = 5, key: str | None = KEY
) -> Endpoint:
    """A model of whoever speaks the flavour, by default the one that answers at once."""
    speaker = SPEAKERS[flavour]
    url = PROVIDERS[speaker.provider].base_url(urlsplit(root_url).port or 0)
    secret = None if key is None else Secret(key)
    target = Target(f"{speaker.provider}@k", speaker.provider, url, flavour, "k", secret)
    name = model or speaker.model
    return Endpoint(f"p/{name}", target, f"a/{name}", name, output_tokens=400, timeout_s=timeout_s)


@contextmanager
def spoilt(root_url: str, flavour: Flavour, kind: FaultKind) -> Iterator[None]:
    """While the block runs, whoever speaks the flavour fails in that way."""
    provider = SPEAKERS[flavour].provider
    _switch(root_url, provider, kind)
    try:
        yield
    finally:
        _switch(root_url, provider, None)


def _switch(root_url: str, provider: str, kind: FaultKind | None) -> None:
    connection = HTTPConnection(urlsplit(root_url).netloc, timeout=5)
    connection.request("POST", "/_control", dumps({"provider": provider, "fault": kind}))
    assert connection.getresponse().status == 200
    connection.close()


def infer_once(endpoint: Endpoint) -> Call:
    """The infer probe of an endpoint."""
    [call] = infer_all([endpoint])
    return call


def infer_all(endpoints: Sequence[Endpoint]) -> list[Call]:
    """The infer probes of some endpoints, side by side."""

    async def use() -> list[Call]:
        async with Transport() as transport:
            return await asyncio.gather(
                *(infer.probe(it, transport, lambda: 1_000, NONCE) for it in endpoints)
            )

    return asyncio.run(use())


def reach_once(target: Target) -> Call:
    """The reachability check of a target."""

    async def use() -> Call:
        async with Transport() as transport:
            return await reach.probe(target, transport, lambda: 1_000)

    return asyncio.run(use())


def ask_once(endpoint: Endpoint, question: Question) -> Reply:
    """The reply to a question."""

    async def use() -> Reply:
        async with Transport() as transport:
            return await FLAVOURS[endpoint.target.flavour].ask(endpoint, transport, question)

    return asyncio.run(use())


def list_once(target: Target) -> Reply:
    """The reply that names all models of a target."""

    async def use() -> Reply:
        async with Transport() as transport:
            return await FLAVOURS[target.flavour].list_models(target, transport, is_whole=True)

    return asyncio.run(use())
