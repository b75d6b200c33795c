"""A provider that speaks a known flavour is one entry of data, from its key to its first probe."""

import json
from itertools import count
from pathlib import Path

import pytest

from monitor.domain import roster
from monitor.domain.dialects import Dialect
from monitor.domain.endpoints import Endpoint, Flavour
from monitor.domain.outcomes import Outcome
from monitor.domain.providers import Provider, Suggestion
from monitor.probes import infer, reach
from monitor.services.discovery import Discovery, Page, discover
from monitor.services.first_start import draft
from monitor.settings.draft import render
from monitor.settings.load import load
from monitor.wire.transport import Transport
from tests.wire import loopback

NOW_MS = 1_795_348_800_000
KEY = "acme-0123456789abcdef"
VARIABLES = {"ACME_API_KEY": KEY}


def entry_at(url: str, flavour: Flavour) -> Provider:
    """Everything that there is to say of a new provider."""
    return Provider(
        name="acme",
        title="Acme",
        base_url=url,
        flavour=flavour,
        models=(Suggestion("acme-small", "acme/small"),),
        key_variables=("ACME_API_KEY",),
        dialect=Dialect(limit_field="most_tokens", asks_usage=False, key_header="x-acme-key"),
    )


async def start_first(path: Path, entry: Provider) -> Endpoint:
    """What a first start makes of the key alone."""

    async def nobody(_: str) -> Page | None:
        return None

    discovery = await discover(VARIABLES, nobody, [entry])
    return write_and_load(path, discovery)


def write_and_load(path: Path, discovery: Discovery) -> Endpoint:
    path.write_text(render(draft(discovery, "UTC", NOW_MS)))
    [endpoint] = load(path, VARIABLES).endpoints
    return endpoint


def probe(
    script: loopback.Script, flavour: Flavour, path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Outcome, Outcome, loopback.Provider]:
    """Outcomes of the first reach and infer probes, and what the provider was asked."""

    async def use(provider: loopback.Provider) -> tuple[Outcome, Outcome, loopback.Provider]:
        entry = entry_at(provider.url, flavour)
        monkeypatch.setattr(roster, "PROVIDERS", (*roster.PROVIDERS, entry))
        endpoint = await start_first(path, entry)
        async with Transport() as transport:
            reached = await reach.probe(endpoint.target, transport, count(1).__next__)
            inferred = await infer.probe(endpoint, transport, count(1).__next__, "n")
        return Outcome(reached.outcome), Outcome(inferred.outcome), provider

    return loopback.with_provider(script, use)


def test_a_new_entry_is_found_written_loaded_and_probed_in_its_dialect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, word = infer.ask_for("n")
    answers = iter([loopback.whole(200, '{"data": []}'), loopback.good_stream(word)])
    reached, inferred, provider = probe(
        lambda: iter(next(answers)), Flavour.OPENAI_CHAT, tmp_path / "new.yaml", monkeypatch
    )

    assert (reached, inferred) == (Outcome.OK, Outcome.OK)
    assert all(f"x-acme-key: {KEY}\r\n".encode() in request for request in provider.requests)
    [_, question] = provider.requests
    body = json.loads(question.partition(b"\r\n\r\n")[2])
    assert body.keys() == {"model", "messages", "most_tokens", "stream"}


def test_a_new_entry_may_speak_any_flavour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, word = infer.ask_for("n")
    usage = {"billed_units": {"input_tokens": 9, "output_tokens": 1}}
    delta = {"finish_reason": "COMPLETE", "usage": usage}
    said = {"type": "content-delta", "delta": {"message": {"content": {"text": word}}}}
    ended = {"type": "message-end", "delta": delta}
    stream: list[loopback.Step] = [loopback.head(), loopback.event(said), loopback.event(ended)]
    answers = iter([loopback.whole(200, '{"models": []}'), stream])
    reached, inferred, provider = probe(
        lambda: iter(next(answers)), Flavour.COHERE, tmp_path / "new.yaml", monkeypatch
    )

    assert (reached, inferred) == (Outcome.OK, Outcome.OK)
    assert provider.requests[1].startswith(b"POST /v2/chat HTTP/1.1")
