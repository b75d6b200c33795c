import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from monitor.domain.dialects import Dialect
from monitor.domain.endpoints import Endpoint
from monitor.domain.outcomes import Outcome
from monitor.wire.openai_chat import build_request, url_of
from monitor.wire.questions import Question
from tests.wire.loopback import (
    CANARY,
    CLOSE,
    Provider,
    Step,
    ask_once,
    endpoint_at,
    good_stream,
    head,
    list_models,
    whole,
    with_provider,
)


def test_a_request_asks_for_no_more_than_it_needs() -> None:
    async def use(provider: Provider) -> Provider:
        await ask_once(provider.url)
        return provider

    provider = with_provider(good_stream(), use)

    assert provider.bodies == [
        {
            "model": "m-1",
            "messages": [{"role": "user", "content": "hi"}],
            "max_tokens": 16,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    ]
    assert f"authorization: Bearer {CANARY}\r\n".encode() in provider.requests[0]


@pytest.mark.parametrize(
    ("dialect", "fields"),
    [
        (Dialect(), {"max_tokens", "stream_options"}),
        (Dialect(limit_field="max_completion_tokens"), {"max_completion_tokens", "stream_options"}),
        (Dialect(asks_usage=False), {"max_tokens"}),
    ],
)
def test_a_host_is_asked_in_its_dialect(dialect: Dialect, fields: set[str]) -> None:
    request = build_request(speaking(dialect), Question("hi", 16))

    assert json.loads(request.body or b"").keys() - {"model", "messages", "stream"} == fields


def test_a_key_goes_into_the_header_of_its_host() -> None:
    request = build_request(speaking(Dialect(key_header="api-key")), Question("hi", 16))

    assert request.headers["api-key"] == CANARY
    assert "authorization" not in request.headers


def test_a_hosts_query_goes_behind_every_address() -> None:
    dialect = Dialect(query="api-version=1", list_query="limit=1")
    target = speaking(dialect).target

    assert url_of(target, "chat/completions") == "http://a.test/v1/chat/completions?api-version=1"
    assert url_of(target, "models", "limit=1").endswith("/models?api-version=1&limit=1")


def speaking(dialect: Dialect) -> Endpoint:
    endpoint = endpoint_at("http://a.test/v1/")
    return replace(endpoint, target=replace(endpoint.target, dialect=dialect))


def test_a_request_does_not_show_the_key() -> None:
    assert CANARY not in repr(
        build_request(endpoint_at("https://api.groq.com"), Question("hi", 16))
    )


MODELS = json.dumps({"object": "list", "data": [{"id": "a"}, {"id": "b"}, {"no": "id"}]})


@pytest.mark.parametrize(
    ("script", "outcome", "models"),
    [
        (whole(200, MODELS), Outcome.OK, ("a", "b")),
        (whole(200, '[{"id": "a"}]'), Outcome.OK, ("a",)),
        (whole(200, '{"object": "list", "data": null}'), Outcome.OK, ()),
        (whole(200, '{"data": {}}'), Outcome.MALFORMED, ()),
        (whole(200, '{"error": {"code": 401}}'), Outcome.AUTH, ()),
        (whole(200, "<html>"), Outcome.MALFORMED, ()),
        (whole(200, ""), Outcome.MALFORMED, ()),
        (whole(200, '{"data": [' * 40_000), Outcome.MALFORMED, ()),
        (whole(200, b" " * 2_000_000), Outcome.MALFORMED, ()),
        (whole(401, "{}"), Outcome.AUTH, ()),
        (whole(404, '{"error": "no such model"}'), Outcome.BAD_REQUEST, ()),
        (whole(405, ""), Outcome.BAD_REQUEST, ()),
        (whole(500, ""), Outcome.SERVER_ERROR, ()),
        ([head(content_length="99"), b'{"data', CLOSE], Outcome.STREAM_CUT, ()),
    ],
)
def test_a_list_of_models_has_its_class(
    script: Sequence[Step], outcome: Outcome, models: tuple[str, ...]
) -> None:
    reply = list_models(script)

    assert (reply.outcome, reply.models) == (outcome, models)
