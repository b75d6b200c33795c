import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from monitor.cli.fetching import LocalFetch
from monitor.domain.local_servers import LOCAL
from monitor.domain.providers import Provider
from monitor.services.discovery import Discovery, discover
from monitor.services.first_start import draft
from monitor.settings.draft import render
from monitor.wire.transport import Transport

LLAMA_WRITTEN = (
    'name: "/models/SmolLM2.gguf", model: llama.cpp/SmolLM2, id: llama.cpp/SmolLM2, '
    "interval: 5m, price: 0"
)
NOW_MS = 1_795_348_800_000
OLLAMA, LLAMA, VLLM = LOCAL
#: What each server answers, as the projects document it.
ANSWERS: Mapping[str, Mapping[str, tuple[int, object]]] = {
    "ollama": {
        "/api/version": (200, {"version": "0.12.3"}),
        "/api/tags": (200, {"models": [{"name": "llama3.2:latest", "size": 2_019_393_189}]}),
    },
    "llama.cpp": {
        "/health": (200, {"status": "ok"}),
        "/v1/models": (
            200,
            {"data": [{"id": "/models/SmolLM2.gguf", "owned_by": "llamacpp", "meta": {}}]},
        ),
    },
    "vllm": {
        "/health": (200, None),
        "/v1/models": (
            200,
            {"data": [{"id": "Qwen/Qwen3-8B", "owned_by": "vllm", "max_model_len": 40_960}]},
        ),
    },
}


@contextmanager
def serving(answers: Mapping[str, tuple[int, object]]) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers.get(self.path, (404, "not here"))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"" if body is None else json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def look_at(provider: Provider, port: int) -> Discovery:
    assert provider.local is not None
    moved = replace(provider, local=replace(provider.local, ports=(port,)))

    async def look() -> Discovery:
        async with Transport() as transport:
            return await discover({}, LocalFetch(transport), [moved])

    return asyncio.run(look())


@pytest.mark.parametrize(
    ("server", "root", "written"),
    [
        (
            OLLAMA,
            "",
            "name: llama3.2:latest, model: ollama/llama3.2:latest, interval: 5m, price: 0",
        ),
        (
            LLAMA,
            "/v1",
            LLAMA_WRITTEN,
        ),
        (VLLM, "/v1", "name: Qwen/Qwen3-8B, model: vllm/Qwen3-8B, interval: 5m, price: 0"),
    ],
    ids=lambda value: value.name if isinstance(value, Provider) else "",
)
def test_a_server_on_loopback_is_found_and_written_free_of_charge(
    server: Provider, root: str, written: str
) -> None:
    with serving(ANSWERS[server.name]) as port:
        discovery = look_at(server, port)

    assert f"{{{written}}}" in render(draft(discovery, "UTC", NOW_MS))
    assert discovery.found[0].base_url == f"http://127.0.0.1:{port}{root}"


def test_a_flavour_other_than_openai_chat_is_written_down() -> None:
    with serving(ANSWERS["ollama"]) as port:
        text = render(draft(look_at(OLLAMA, port), "UTC", NOW_MS))

    assert f"    flavour: ollama\n    base_url: http://127.0.0.1:{port}\n" in text.replace('"', "")


@pytest.mark.parametrize("server", [OLLAMA, LLAMA, VLLM], ids=lambda s: s.name)
def test_where_nobody_answers_nothing_is_found(server: Provider, free_port: int) -> None:
    assert look_at(server, free_port) == Discovery()


@pytest.mark.parametrize("server", [OLLAMA, LLAMA, VLLM], ids=lambda s: s.name)
def test_another_server_on_the_port_is_left_alone(server: Provider) -> None:
    with serving({"/": (200, "<html>hello</html>")}) as port:
        discovery = look_at(server, port)

    assert discovery == Discovery()
