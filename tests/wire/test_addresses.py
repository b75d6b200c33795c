"""Where each flavour is asked, with which key, and how its lists of models are paged."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from monitor.domain.endpoints import Flavour
from monitor.domain.outcomes import Outcome
from monitor.wire import FLAVOURS, anthropic, gemini, openai_responses
from monitor.wire.conversations import MAX_PAGES
from tests.wire.loopback import (
    CANARY,
    CLOSE,
    HI,
    Script,
    Step,
    endpoint_at,
    head,
    list_models,
    see_list,
    see_question,
    whole,
)

SPOKEN = sorted(FLAVOURS)
GOOGLE = "https://generativelanguage.googleapis.com"


@pytest.mark.parametrize(
    ("base_url", "model_name", "url"),
    [
        (GOOGLE, "gemini-2.5-flash", f"{GOOGLE}/v1beta/models/gemini-2.5-flash"),
        (f"{GOOGLE}/", "models/gemini-2.5-flash", f"{GOOGLE}/v1beta/models/gemini-2.5-flash"),
        (f"{GOOGLE}/v1", "tunedModels/mine", f"{GOOGLE}/v1/tunedModels/mine"),
        (f"{GOOGLE}/v1beta/", "a b?c#d", f"{GOOGLE}/v1beta/models/a%20b%3Fc%23d"),
    ],
)
def test_a_gemini_model_has_its_own_address(base_url: str, model_name: str, url: str) -> None:
    request = gemini.build_request(endpoint_at(base_url, model_name), HI)

    assert request.url == f"{url}:streamGenerateContent?alt=sse"


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("https://api.anthropic.com", "https://api.anthropic.com/v1/messages"),
        ("https://api.anthropic.com/v1/", "https://api.anthropic.com/v1/messages"),
        ("https://api.deepseek.com/anthropic", "https://api.deepseek.com/anthropic/v1/messages"),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1/messages"),
    ],
)
def test_messages_are_found_with_or_without_the_version(base_url: str, url: str) -> None:
    assert anthropic.build_request(endpoint_at(base_url), HI).url == url


def test_responses_are_found_beside_the_chat() -> None:
    request = openai_responses.build_request(endpoint_at("https://api.openai.com/v1/"), HI)

    assert request.url == "https://api.openai.com/v1/responses"


KEYS = {
    Flavour.OPENAI_CHAT: f"authorization: Bearer {CANARY}",
    Flavour.OPENAI_RESPONSES: f"authorization: Bearer {CANARY}",
    Flavour.ANTHROPIC: f"x-api-key: {CANARY}",
    Flavour.GEMINI: f"x-goog-api-key: {CANARY}",
}


@pytest.mark.parametrize("flavour", KEYS)
@pytest.mark.parametrize("see", [see_question, lambda f: see_list([], f)[1]])
def test_the_key_is_in_one_header_and_nowhere_else(
    flavour: Flavour, see: Callable[..., Any]
) -> None:
    [request] = see(flavour).requests
    lines = request.decode().split("\r\n")

    assert [line for line in lines if CANARY in line] == [KEYS[flavour]]


def test_anthropic_is_told_the_version() -> None:
    [request] = see_question(Flavour.ANTHROPIC).requests

    assert b"anthropic-version: 2023-06-01\r\n" in request


def page(ids: Sequence[str], cursor: str | None, flavour: Flavour) -> list[Step]:
    if flavour is Flavour.GEMINI:
        document: dict[str, Any] = {"models": [{"name": f"models/{id_}"} for id_ in ids]}
        document |= {} if cursor is None else {"nextPageToken": cursor}
    else:
        document = {"data": [{"id": id_} for id_ in ids], "has_more": cursor is not None}
        document |= {"first_id": ids[0], "last_id": ids[-1]}
    return whole(200, json.dumps(document))


def pages(flavour: Flavour, *then: Sequence[Step]) -> Script:
    """Two pages, one a request, and then what else there is."""
    waiting = iter([page(["a", "b"], "b", flavour), *then, page(["c"], None, flavour)])
    return lambda: iter(next(waiting))


PAGED = {
    Flavour.ANTHROPIC: (["/v1/models?limit=100", "/v1/models?limit=100&after_id=b"],
                        "/v1/models?limit=1"),
    Flavour.GEMINI: (["/v1/models?pageSize=100", "/v1/models?pageSize=100&pageToken=b"],
                     "/v1/models?pageSize=1"),
}  # fmt: skip


def paths(requests: Sequence[bytes]) -> list[str]:
    return [request.split(b" ")[1].decode() for request in requests]


@pytest.mark.parametrize("flavour", PAGED)
def test_a_whole_list_is_read_page_by_page(flavour: Flavour) -> None:
    reply, provider = see_list(pages(flavour), flavour, is_whole=True)

    assert (reply.outcome, reply.models) == (Outcome.OK, ("a", "b", "c"))
    assert paths(provider.requests) == PAGED[flavour][0]


@pytest.mark.parametrize("flavour", PAGED)
def test_to_be_let_in_takes_one_small_page(flavour: Flavour) -> None:
    reply, provider = see_list(pages(flavour), flavour)

    assert (reply.outcome, reply.models) == (Outcome.OK, ("a", "b"))
    assert paths(provider.requests) == [PAGED[flavour][1]]


@pytest.mark.parametrize("flavour", PAGED)
def test_a_page_that_fails_is_the_reply(flavour: Flavour) -> None:
    reply = list_models(pages(flavour, whole(500, "")), flavour, is_whole=True)

    assert (reply.outcome, reply.models) == (Outcome.SERVER_ERROR, ("a", "b"))


@pytest.mark.parametrize("flavour", PAGED)
def test_pages_without_end_are_not_followed_for_ever(flavour: Flavour) -> None:
    endless = lambda: iter(page(["a"], "a", flavour))  # noqa: E731 -- a script is a callable
    _, provider = see_list(endless, flavour, is_whole=True)

    assert len(provider.requests) == MAX_PAGES


LISTS: list[tuple[Flavour, list[Step], Outcome, tuple[str, ...]]] = [
    (Flavour.ANTHROPIC, whole(200, '{"data": []}'), Outcome.OK, ()),
    (Flavour.ANTHROPIC, whole(200, '{"object": "list", "data": null}'), Outcome.OK, ()),
    (Flavour.ANTHROPIC, whole(200, '{"models": []}'), Outcome.MALFORMED, ()),
    (Flavour.ANTHROPIC, whole(200, '{"type": "error", "error": {"type": "api_error"}}'),
     Outcome.SERVER_ERROR, ()),
    (Flavour.GEMINI, whole(200, '{"models": [{"name": "models/a"}, {"no": 1}, 2]}'),
     Outcome.OK, ("a",)),
    (Flavour.GEMINI, whole(200, '{"models": [{"name": "tunedModels/a"}]}'), Outcome.OK,
     ("tunedModels/a",)),
    (Flavour.GEMINI, whole(200, "{}"), Outcome.OK, ()),
    (Flavour.GEMINI, whole(200, "[]"), Outcome.MALFORMED, ()),
    (Flavour.GEMINI, whole(200, '{"models": 7}'), Outcome.MALFORMED, ()),
    (Flavour.GEMINI, whole(200, '{"data": []}'), Outcome.MALFORMED, ()),
    (Flavour.OPENAI_RESPONSES, whole(200, '{"data": [{"id": "a"}]}'), Outcome.OK, ("a",)),
]  # fmt: skip


@pytest.mark.parametrize(("flavour", "script", "outcome", "models"), LISTS)
def test_a_list_of_models_has_its_class(
    flavour: Flavour, script: Sequence[Step], outcome: Outcome, models: tuple[str, ...]
) -> None:
    reply = list_models(script, flavour)

    assert (reply.outcome, reply.models) == (outcome, models)


@pytest.mark.parametrize("flavour", SPOKEN)
@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        (whole(401, "{}"), Outcome.AUTH),
        (whole(404, '{"error": "no such model"}'), Outcome.BAD_REQUEST),
        (whole(503, ""), Outcome.OVERLOADED),
        (whole(200, "<html>"), Outcome.MALFORMED),
        ([head(content_length="99"), b'{"data', CLOSE], Outcome.STREAM_CUT),
    ],
)
def test_what_is_no_list_has_its_class(
    flavour: Flavour, script: Sequence[Step], outcome: Outcome
) -> None:
    assert list_models(script, flavour).outcome is outcome
