"""Model hosts: providers that serve models of others, one entry each.

Addresses, variables and names of models are those of November 2026.
"""

from monitor.domain.dialects import Dialect
from monitor.domain.endpoints import Flavour
from monitor.domain.providers import Provider, Suggestion

_HOUR_S = 3600.0
_QUARTER_S = 900.0

HOSTS: tuple[Provider, ...] = (
    Provider(
        name="openrouter",
        title="OpenRouter",
        flavour=Flavour.OPENROUTER,
        base_url="https://openrouter.ai/api/v1",
        models=(
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
        key_variables=("OPENROUTER_API_KEY",),
        # it sends usage unasked; its whole catalogue is about a megabyte
        dialect=Dialect(asks_usage=False, list_query="limit=1"),
    ),
    Provider(
        name="azure",
        title="Azure OpenAI",
        base_url=None,
        path="/openai/v1",
        hosts=(".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com"),
        # models are called by the names of the customer's own deployments
        has_own_names=True,
        models=(
            Suggestion("gpt-4o-mini", "openai/gpt-4o-mini"),
            Suggestion("gpt-4.1-mini", "openai/gpt-4.1-mini"),
        ),
        key_variables=("AZURE_OPENAI_API_KEY",),
        base_url_variables=("AZURE_OPENAI_ENDPOINT",),
        model_variables=("AZURE_OPENAI_DEPLOYMENT", "AZURE_OPENAI_DEPLOYMENT_NAME"),
        dialect=Dialect(limit_field="max_completion_tokens", key_header="api-key"),
    ),
    Provider(
        name="groq",
        title="Groq",
        base_url="https://api.groq.com/openai/v1",
        models=(
            Suggestion("llama-3.1-8b-instant", "meta-llama/llama-3.1-8b-instruct"),
            Suggestion("llama-3.3-70b-versatile", "meta-llama/llama-3.3-70b-instruct"),
            Suggestion("openai/gpt-oss-20b", "openai/gpt-oss-20b"),
            Suggestion("openai/gpt-oss-120b", "openai/gpt-oss-120b", _QUARTER_S),
            Suggestion("qwen/qwen3-32b", "qwen/qwen3-32b", _QUARTER_S),
        ),
        key_variables=("GROQ_API_KEY",),
    ),
    Provider(
        name="together",
        title="Together",
        base_url="https://api.together.ai/v1",
        hosts=("api.together.xyz",),
        models=(
            Suggestion(
                "meta-llama/Llama-3.3-70B-Instruct-Turbo", "meta-llama/llama-3.3-70b-instruct"
            ),
            Suggestion("Qwen/Qwen3.5-9B", "qwen/qwen3.5-9b"),
            Suggestion("openai/gpt-oss-120b", "openai/gpt-oss-120b", _QUARTER_S),
        ),
        key_variables=("TOGETHER_API_KEY",),
        price_id="together",
    ),
    Provider(
        name="fireworks",
        title="Fireworks",
        base_url="https://api.fireworks.ai/inference/v1",
        models=(
            Suggestion(
                "accounts/fireworks/models/gpt-oss-20b",
                "openai/gpt-oss-20b",
                id="fireworks/gpt-oss-20b",
            ),
            Suggestion(
                "accounts/fireworks/models/gpt-oss-120b",
                "openai/gpt-oss-120b",
                _QUARTER_S,
                id="fireworks/gpt-oss-120b",
            ),
        ),
        key_variables=("FIREWORKS_API_KEY",),
    ),
    Provider(
        name="cerebras",
        title="Cerebras",
        base_url="https://api.cerebras.ai/v1",
        models=(Suggestion("llama3.1-8b", "meta-llama/llama-3.1-8b-instruct"),),
        key_variables=("CEREBRAS_API_KEY",),
    ),
)
