"""Local servers: what may serve models on this machine, one entry each."""

from monitor.domain.endpoints import Flavour
from monitor.domain.providers import LocalServer, Provider

LOCAL: tuple[Provider, ...] = (
    Provider(
        name="ollama",
        title="Ollama",
        flavour=Flavour.OLLAMA,
        base_url="http://127.0.0.1:11434",
        hosts=("localhost:11434",),
        local=LocalServer(
            (11434,),
            "/api/version",
            proof="version",
            list_path="/api/tags",
            models_key="models",
            name_key="name",
        ),
    ),
    Provider(
        name="llama.cpp",
        title="llama.cpp",
        base_url="http://127.0.0.1:8080/v1",
        local=LocalServer((8080, 9931), "/health", owner="llamacpp"),
    ),
    Provider(
        name="vllm",
        title="vLLM",
        base_url="http://127.0.0.1:8000/v1",
        local=LocalServer((8000,), "/health", owner="vllm"),
    ),
)
