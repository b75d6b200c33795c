import asyncio
import json
from collections.abc import Mapping

import pytest

from monitor.domain.providers import Provider
from monitor.domain.roster import HOSTED, NOT_WATCHED, PROVIDERS
from monitor.services.discovery import Discovery, Page, discover

CANARY = "sk-canary-0123456789abcdef"
OLLAMA, LLAMA, LLAMA_NEW, VLLM = (f"http://127.0.0.1:{port}" for port in (11434, 8080, 9931, 8000))


def listing(*models: Mapping[str, object]) -> Page:
    return Page(200, json.dumps({"object": "list", "data": list(models)}))


HEALTHY = Page(200, '{"status":"ok"}')
#: Answers as each server gives them.
SMOLLM = listing({"id": "smollm2", "owned_by": "llamacpp", "meta": {"n_params": 134_515_008}})
QWEN = listing({"id": "Qwen/Qwen3-8B", "owned_by": "vllm", "max_model_len": 40_960})
LLAMA_3 = Page(
    200,
    json.dumps({"models": [{"name": "nomic-embed-text:latest"}, {"name": "llama3.2:latest"}]}),
)


def look(
    variables: Mapping[str, str] | None = None, pages: Mapping[str, Page] | None = None
) -> Discovery:
    async def fetch(url: str) -> Page | None:
        return (pages or {}).get(url)

    return asyncio.run(discover(variables or {}, fetch))


def test_nothing_here_is_found_as_nothing() -> None:
    assert look() == Discovery()


@pytest.mark.parametrize("provider", HOSTED, ids=lambda p: p.name)
def test_each_key_brings_its_provider(provider: Provider) -> None:
    places = dict.fromkeys(provider.base_url_variables, "https://there.example")
    where = {} if provider.base_url is not None else places
    found = look({provider.key_variables[0]: CANARY, **where}).found

    assert [(f.provider, f.flavour, f.base_url, f.key_variable) for f in found] == [
        (
            provider.name,
            provider.flavour,
            provider.base_url or f"https://there.example{provider.path}",
            provider.key_variables[0],
        )
    ]


def test_of_two_names_for_a_key_the_first_that_is_set_is_used() -> None:
    assert look({"COHERE_API_KEY": CANARY}).found[0].key_variable == "COHERE_API_KEY"
    assert look({"COHERE_API_KEY": CANARY, "CO_API_KEY": CANARY}).found[0].key_variable == (
        "CO_API_KEY"
    )


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

    assert (found.base_url, found.base_url_text) == (
        "https://gateway.example/v1",
        "${OPENAI_BASE_URL}",
    )


@pytest.mark.parametrize(
    ("endpoint", "written"),
    [
        ("https://ours.openai.azure.com", "${AZURE_OPENAI_ENDPOINT}/openai/v1"),
        ("https://ours.openai.azure.com/", "${AZURE_OPENAI_ENDPOINT}openai/v1"),
        ("https://ours.openai.azure.com/openai/v1/", "${AZURE_OPENAI_ENDPOINT}"),
    ],
)
def test_an_azure_resource_is_addressed_by_its_variable(endpoint: str, written: str) -> None:
    found = look({"AZURE_OPENAI_API_KEY": CANARY, "AZURE_OPENAI_ENDPOINT": endpoint}).found[0]

    assert found.base_url == "https://ours.openai.azure.com/openai/v1"
    assert (found.base_url_text, found.suggests_only) == (written, True)


def test_an_azure_key_without_an_address_is_noted() -> None:
    discovery = look({"AZURE_OPENAI_API_KEY": CANARY})

    assert discovery.found == ()
    assert "set AZURE_OPENAI_ENDPOINT too" in discovery.notes[0]


@pytest.mark.parametrize("name", ["${OPENAI_API_KEY}", " "])
def test_a_deployment_whose_name_cannot_be_written_is_not_watched(name: str) -> None:
    variables = {
        "AZURE_OPENAI_API_KEY": CANARY,
        "AZURE_OPENAI_ENDPOINT": "https://ours.openai.azure.com",
        "AZURE_OPENAI_DEPLOYMENT": name,
    }

    assert look(variables).found[0].suggests_only


@pytest.mark.parametrize("variable", NOT_WATCHED)
def test_a_key_that_is_not_watched_is_named_with_the_reason(variable: str) -> None:
    assert look({variable: CANARY}).not_watched == ((variable, NOT_WATCHED[variable]),)


def test_no_variable_brings_two_providers() -> None:
    variables = [v for p in PROVIDERS for v in (*p.key_variables, *p.base_url_variables)]

    assert len({*variables, *NOT_WATCHED}) == len(variables) + len(NOT_WATCHED)


@pytest.mark.parametrize(
    ("root", "paths", "pages", "provider", "flavour", "model"),
    [
        (LLAMA, ("/health", "/v1/models"), (HEALTHY, SMOLLM), "llama.cpp", "openai_chat",
         "smollm2"),
        (LLAMA_NEW, ("/health", "/v1/models"), (HEALTHY, SMOLLM), "llama.cpp", "openai_chat",
         "smollm2"),
        (VLLM, ("/health", "/v1/models"), (Page(200, ""), QWEN), "vllm", "openai_chat",
         "Qwen/Qwen3-8B"),
        (OLLAMA, ("/api/version", "/api/tags"), (Page(200, '{"version":"0.9"}'), LLAMA_3),
         "ollama", "ollama", "llama3.2:latest"),
    ],
)  # fmt: skip
def test_a_local_server_is_known_by_its_own_answers(
    root: str,
    paths: tuple[str, str],
    pages: tuple[Page, Page],
    provider: str,
    flavour: str,
    model: str,
) -> None:
    found = look(pages={f"{root}{path}": page for path, page in zip(paths, pages, strict=True)})

    [server] = found.found
    assert (server.provider, server.flavour, server.models[0].name) == (provider, flavour, model)
    assert (server.base_url, server.key_variable) == (
        root if flavour == "ollama" else f"{root}/v1",
        None,
    )


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
             f"{OLLAMA}/api/tags": Page(200, '{"models":null}')},
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
        {f"{OLLAMA}/api/version": Page(200, "[]"), f"{OLLAMA}/api/tags": LLAMA_3},
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
