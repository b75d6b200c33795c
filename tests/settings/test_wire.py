"""How settings tell what is spoken where: flavour, dialect, pins."""

from pathlib import Path

import pytest

from monitor.domain.dialects import Dialect
from monitor.domain.endpoints import Endpoint, Flavour, Pins, Target
from tests.settings.test_load import problems_of, read


def provider(base_url: str, *lines: str, model: str = "m-1") -> str:
    return "\n".join(
        [
            "zone: UTC",
            "providers:",
            "  acme:",
            f"    base_url: {base_url}",
            *(f"    {line}" for line in lines),
            f"    models: [{model}]",
        ]
    )


def target_of(folder: Path, base_url: str, *lines: str) -> Target:
    [target] = read(folder, provider(base_url, *lines)).targets
    return target


def endpoint_of(folder: Path, text: str) -> Endpoint:
    [endpoint] = read(folder, text).endpoints
    return endpoint


def test_a_known_base_url_tells_flavour_and_dialect(tmp_path: Path) -> None:
    target = target_of(tmp_path, "https://openrouter.ai/api/v1")

    assert target.flavour is Flavour.OPENROUTER
    assert target.dialect == Dialect(asks_usage=False, list_query="limit=1")


def test_a_flavour_that_is_stated_wins(tmp_path: Path) -> None:
    target = target_of(tmp_path, "https://openrouter.ai/api/v1", "flavour: openai_chat")

    assert target.flavour is Flavour.OPENAI_CHAT


def test_an_unknown_base_url_is_taken_for_openai_chat(tmp_path: Path) -> None:
    target = target_of(tmp_path, "https://gateway.example/v1")

    assert (target.flavour, target.dialect) == (Flavour.OPENAI_CHAT, Dialect())


def test_a_dialect_changes_what_it_names_and_keeps_what_is_known(tmp_path: Path) -> None:
    dialect = "dialect: {query: api-version=2024-10-21, asks_usage: false, key_header: X-Key}"
    target = target_of(tmp_path, "https://api.openai.com/v1", dialect)

    assert target.dialect == Dialect(
        limit_field="max_completion_tokens",
        asks_usage=False,
        key_header="x-key",
        query="api-version=2024-10-21",
    )


@pytest.mark.parametrize(
    ("dialect", "problem"),
    [
        ("query: '?a=b'", "is no query; write it like api-version=2024-10-21, without a ?"),
        ("query: a=b#c", "is no query"),
        ("key_header: 'a b'", "is no name of a header; write it like api-key"),
        ('key_header: "x\\r\\ny"', "is no name of a header"),
        ("limit_field: max tokens", "is no name of a field; write it like max_completion_tokens"),
        ("limit: 5", "unknown key; did you mean limit_field?"),
    ],
)
def test_a_dialect_that_cannot_be_spoken_is_refused(
    tmp_path: Path, dialect: str, problem: str
) -> None:
    [found] = problems_of(tmp_path, provider("https://a.example", f"dialect: {{{dialect}}}"))

    assert problem in found


def test_pins_go_with_their_endpoint(tmp_path: Path) -> None:
    model = "{name: openai/gpt-4o, provider: {only: [azure, deepinfra/turbo]}}"
    endpoint = endpoint_of(tmp_path, provider("https://openrouter.ai/api/v1", model=model))

    assert endpoint.pins == Pins(only=("azure", "deepinfra/turbo"))


def test_pins_are_refused_where_nobody_picks_providers(tmp_path: Path) -> None:
    model = "{name: m-1, provider: {only: [azure]}}"

    [found] = problems_of(tmp_path, provider("https://a.example/v1", model=model))

    assert found.startswith("inferwatch.yaml:5: providers.acme.models[0].provider: ")
    assert "'acme/m-1': only OpenRouter picks providers; remove it, or set flavour" in found


def test_an_embedding_is_planned_without_output(tmp_path: Path) -> None:
    text = provider("https://a.example/v1", "flavour: openai_embeddings")

    assert endpoint_of(tmp_path, text).output_tokens == 0


TWO = """\
zone: UTC
providers:
  chat: {base_url: https://api.openai.com/v1, key: sk-1-aaaaaaaa}
  vectors: {base_url: https://api.openai.com/v1, key: sk-1-aaaaaaaa, flavour: FLAVOUR}
"""


def test_one_key_may_be_spoken_to_in_two_flavours(tmp_path: Path) -> None:
    settings = read(tmp_path, TWO.replace("FLAVOUR", "openai_embeddings"))

    assert [target.id for target in settings.targets] == ["chat@default", "vectors@default"]


def test_one_key_and_flavour_have_one_provider(tmp_path: Path) -> None:
    [found] = problems_of(tmp_path, TWO.replace("FLAVOUR", "openai_chat"))

    assert "provider 'chat' has the same base URL, key and flavour" in found
