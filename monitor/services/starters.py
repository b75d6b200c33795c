"""Starters: what a first start begins with, kept as data: one small chat model for each key.

Further models are suggestions: written into the settings, commented out, with what they cost.
Names are those of the providers' APIs in November 2026.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A model worth watching. `model` is its canonical author/slug where the API says less."""

    name: str
    model: str
    interval_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Starter:
    """A provider whose key we may find. The first model is watched, the others are suggested.

    `base_url_variables` are variables by which its users point their programs elsewhere.
    """

    provider: str
    key_variable: str
    base_url: str
    models: tuple[Suggestion, ...]
    base_url_variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server that may run on this machine, on its usual port.

    `proof` is a key that its liveness answer has and no other server's; `owner` is how it signs
    its list of models, where that answer proves nothing.
    """

    name: str
    title: str
    port: int
    liveness_path: str
    proof: str | None = None
    owner: str | None = None


_HOUR_S = 3600.0
_QUARTER_S = 900.0

STARTERS = (
    Starter(
        "openai",
        "OPENAI_API_KEY",
        "https://api.openai.com/v1",
        (
            Suggestion("gpt-4o-mini", "openai/gpt-4o-mini"),
            Suggestion("gpt-4.1-nano", "openai/gpt-4.1-nano"),
            Suggestion("gpt-4.1-mini", "openai/gpt-4.1-mini"),
            Suggestion("gpt-4.1", "openai/gpt-4.1", _QUARTER_S),
            Suggestion("gpt-4o-2024-08-06", "openai/gpt-4o-2024-08-06", _QUARTER_S),
            Suggestion("gpt-5-nano", "openai/gpt-5-nano"),
            Suggestion("gpt-5-mini", "openai/gpt-5-mini", _QUARTER_S),
            Suggestion("gpt-5", "openai/gpt-5", _HOUR_S),
            Suggestion("gpt-6-luna", "openai/gpt-6-luna"),
            Suggestion("gpt-6-sol", "openai/gpt-6-sol", _HOUR_S),
            Suggestion("o4-mini", "openai/o4-mini", _HOUR_S),
        ),
        ("OPENAI_BASE_URL", "OPENAI_API_BASE"),
    ),
    Starter(
        "openrouter",
        "OPENROUTER_API_KEY",
        "https://openrouter.ai/api/v1",
        (
            Suggestion("openai/gpt-4o-mini", "openai/gpt-4o-mini"),
            Suggestion("anthropic/claude-haiku-4.5", "anthropic/claude-haiku-4.5"),
            Suggestion("anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4.5", _QUARTER_S),
            Suggestion("google/gemini-2.5-flash-lite", "google/gemini-2.5-flash-lite"),
            Suggestion("google/gemini-2.5-flash", "google/gemini-2.5-flash", _QUARTER_S),
            Suggestion("meta-llama/llama-3.3-70b-instruct", "meta-llama/llama-3.3-70b-instruct"),
            Suggestion("mistralai/mistral-small-2603", "mistralai/mistral-small-2603"),
            Suggestion("deepseek/deepseek-chat-v3.1", "deepseek/deepseek-chat-v3.1"),
            Suggestion("openai/gpt-5-mini", "openai/gpt-5-mini", _QUARTER_S),
        ),
    ),
    Starter(
        "mistral",
        "MISTRAL_API_KEY",
        "https://api.mistral.ai/v1",
        (
            Suggestion("mistral-small-latest", "mistralai/mistral-small"),
            Suggestion("ministral-8b-latest", "mistralai/ministral-8b"),
            Suggestion("mistral-medium-latest", "mistralai/mistral-medium", _QUARTER_S),
            Suggestion("mistral-large-latest", "mistralai/mistral-large", _QUARTER_S),
            Suggestion("codestral-latest", "mistralai/codestral", _QUARTER_S),
        ),
    ),
    Starter(
        "groq",
        "GROQ_API_KEY",
        "https://api.groq.com/openai/v1",
        (
            Suggestion("llama-3.1-8b-instant", "meta-llama/llama-3.1-8b-instruct"),
            Suggestion("llama-3.3-70b-versatile", "meta-llama/llama-3.3-70b-instruct"),
            Suggestion("openai/gpt-oss-20b", "openai/gpt-oss-20b"),
            Suggestion("openai/gpt-oss-120b", "openai/gpt-oss-120b", _QUARTER_S),
            Suggestion("qwen/qwen3-32b", "qwen/qwen3-32b", _QUARTER_S),
        ),
    ),
    Starter(
        "deepseek",
        "DEEPSEEK_API_KEY",
        "https://api.deepseek.com",
        (
            Suggestion("deepseek-chat", "deepseek/deepseek-chat"),
            Suggestion("deepseek-reasoner", "deepseek/deepseek-reasoner", _HOUR_S),
        ),
    ),
)

LOCAL_SERVERS = (
    LocalServer("ollama", "Ollama", 11434, "/api/version", proof="version"),
    LocalServer("llama.cpp", "llama.cpp", 8080, "/health", owner="llamacpp"),
    LocalServer("llama.cpp", "llama.cpp", 9931, "/health", owner="llamacpp"),
    LocalServer("vllm", "vLLM", 8000, "/health", owner="vllm"),
)

#: Keys of providers whose wire API is not spoken yet.
NOT_YET = {
    "ANTHROPIC_API_KEY": "Anthropic",
    "AZURE_OPENAI_API_KEY": "Azure OpenAI",
    "CEREBRAS_API_KEY": "Cerebras",
    "CO_API_KEY": "Cohere",
    "COHERE_API_KEY": "Cohere",
    "FIREWORKS_API_KEY": "Fireworks",
    "GEMINI_API_KEY": "Google Gemini",
    "GOOGLE_API_KEY": "Google Gemini",
    "HF_TOKEN": "Hugging Face",
    "MOONSHOT_API_KEY": "Moonshot",
    "NVIDIA_API_KEY": "NVIDIA",
    "PERPLEXITY_API_KEY": "Perplexity",
    "TOGETHER_API_KEY": "Together",
    "XAI_API_KEY": "xAI",
}
