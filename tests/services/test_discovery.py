import asyncio
import json
from collections.abc import Mapping

import pytest

from monitor.services.discovery import Discovery, Page, discover
from monitor.services.starters import NOT_YET, STARTERS

CANARY = "sk-canary-0123456789abcdef"
OLLAMA, LLAMA, LLAMA_NEW, VLLM = (f"http://127.0.0.1:{port}" for port in (11434, 8080, 9931, 8000))


def listing(*models: Mapping[str, object]) -> Page:
    return Page(200, json.dumps({"object": "list", "data": list(models)}))


HEALTHY = Page(200, '{"status":"ok"}')
#: Answers as each server gives them.
SMOLLM = listing({"id": "smollm2", "owned_by": "llamacpp", "meta": {"n_params": 134_515_008}})
QWEN = listing({"id": "Qwen/Qwen3-8B", "owned_by": "vllm", "max_model_len": 40_960})
LLAMA_3 = listing(
    {"id": "nomic-embed-text:latest", "owned_by": "library"},
    {"id": "llama3.2:latest", "owned_by": "library"},
)


def look(
    variables: Mapping[str, str] | None = None, pages: Mapping[str, Page] | None = None
) -> Discovery:
    async def fetch(url: str) -> Page | None:
        return (pages or {}).get(url)

    return asyncio.run(discover(variables or {}, fetch))


def test_nothing_here_is_found_as_nothing() -> None:
    assert look() == Discovery()


@pytest.mark.parametrize("starter", STARTERS, ids=lambda s: s.provider)
def test_each_key_brings_its_provider(starter: object) -> None:
    assert isinstance(starter, type(STARTERS[0]))
    found = look({starter.key_variable: CANARY}).found

    assert [(f.provider, f.base_url, f.key_variable) for f in found] == [
        (starter.provider, starter.base_url, starter.key_variable)
    ]


def test_a_key_is_never_read_out() -> None:
    assert CANARY not in repr(look({"OPENAI_API_KEY": CANARY, "XAI_API_KEY": CANARY}))


def test_an_empty_variable_is_no_key() -> None:
    assert look({"OPENAI_API_KEY": " "}) == Discovery()


def test_a_small_chat_model_comes_first() -> None:
    found = look({"OPENAI_API_KEY": CANARY}).found[0]

    assert found.models[0].name == "gpt-4o-mini"


def test_a_base_url_that_programs_use_is_used_too() -> None:
    variables = {"OPENAI_API_KEY": CANARY, "OPENAI_BASE_URL": "https://gateway.example/v1/"}
    found = look(variables).found[0]

    assert (found.base_url, found.base_url_variable) == (
        "https://gateway.example/v1",
        "OPENAI_BASE_URL",
    )


@pytest.mark.parametrize("variable", NOT_YET)
def test_a_key_of_another_provider_is_named_as_not_yet(variable: str) -> None:
    assert look({variable: CANARY}).not_yet == ((variable, NOT_YET[variable]),)


@pytest.mark.parametrize(
    ("root", "path", "alive", "models", "provider", "model"),
    [
        (LLAMA, "/health", HEALTHY, SMOLLM, "llama.cpp", "smollm2"),
        (LLAMA_NEW, "/health", HEALTHY, SMOLLM, "llama.cpp", "smollm2"),
        (VLLM, "/health", Page(200, ""), QWEN, "vllm", "Qwen/Qwen3-8B"),
        (
            OLLAMA,
            "/api/version",
            Page(200, '{"version":"0.9"}'),
            LLAMA_3,
            "ollama",
            "llama3.2:latest",
        ),
    ],
)
def test_a_local_server_is_known_by_its_own_answers(
    root: str, path: str, alive: Page, models: Page, provider: str, model: str
) -> None:
    found = look(pages={f"{root}{path}": alive, f"{root}/v1/models": models}).found

    assert [(f.provider, f.base_url, f.key_variable) for f in found] == [
        (provider, f"{root}/v1", None)
    ]
    assert found[0].models[0].name == model


def test_two_servers_of_one_kind_get_two_names() -> None:
    pages = {f"{root}/health": HEALTHY for root in (LLAMA, LLAMA_NEW)}
    pages |= {f"{root}/v1/models": SMOLLM for root in (LLAMA, LLAMA_NEW)}

    assert [f.provider for f in look(pages=pages).found] == ["llama.cpp", "llama.cpp-9931"]


LOADING = Page(503, '{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}')


@pytest.mark.parametrize(
    ("pages", "note"),
    [
        ({f"{LLAMA}/health": LOADING}, "is still loading its model"),
        (
            {f"{OLLAMA}/api/version": Page(200, '{"version":"0.9"}'),
             f"{OLLAMA}/v1/models": Page(200, '{"object":"list","data":null}')},
            "serves no model yet",
        ),
        (
            {f"{VLLM}/health": Page(200, ""), f"{VLLM}/v1/models": Page(401, "{}")},
            "asks for a key",
        ),
        (
            {f"{LLAMA}/health": HEALTHY, f"{LLAMA}/v1/models": listing({"id": "x"})},
            "is not known to us",
        ),
    ],
)  # fmt: skip
def test_a_server_that_cannot_be_watched_yet_is_noted(pages: Mapping[str, Page], note: str) -> None:
    discovery = look(pages=pages)

    assert discovery.found == ()
    assert note in discovery.notes[0]


@pytest.mark.parametrize(
    "pages",
    [
        {f"{LLAMA}/health": HEALTHY},
        {f"{LLAMA}/health": HEALTHY, f"{LLAMA}/v1/models": Page(404, "<html>")},
        {f"{LLAMA}/health": HEALTHY, f"{LLAMA}/v1/models": Page(200, "<html>")},
        {f"{LLAMA}/health": HEALTHY, f"{LLAMA}/v1/models": Page(200, '["x"]')},
        {f"{LLAMA}/health": HEALTHY, f"{LLAMA}/v1/models": Page(200, '{"data": 5}')},
        {f"{OLLAMA}/api/version": Page(200, "[]"), f"{OLLAMA}/v1/models": LLAMA_3},
        {f"{VLLM}/health": Page(500, "")},
    ],
)
def test_some_other_program_on_the_port_is_left_alone(pages: Mapping[str, Page]) -> None:
    assert look(pages=pages) == Discovery()


@pytest.mark.parametrize("name", ["${OPENAI_API_KEY}", "a\nb", " a", "a" * 201, "", 5, None])
def test_a_model_whose_name_cannot_be_written_is_left_out(name: object) -> None:
    models = listing({"id": "good", "owned_by": "vllm"}, {"id": name, "owned_by": "vllm"})
    found = look(pages={f"{VLLM}/health": Page(200, ""), f"{VLLM}/v1/models": models}).found

    assert [m.name for m in found[0].models] == ["good"]
