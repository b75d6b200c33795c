"""Model makers: providers that serve models of their own, one entry each.

Addresses, variables and names of models are those of November 2026.
"""

from monitor.domain.dialects import Dialect
from monitor.domain.endpoints import Flavour
from monitor.domain.providers import Provider, Suggestion

_HOUR_S = 3600.0
_QUARTER_S = 900.0

MAKERS: tuple[Provider, ...] = (
    Provider(
        name="openai",
        title="OpenAI",
        base_url="https://api.openai.com/v1",
        models=(
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
        key_variables=("OPENAI_API_KEY",),
        base_url_variables=("OPENAI_BASE_URL", "OPENAI_API_BASE"),
        dialect=Dialect(limit_field="max_completion_tokens"),
    ),
    Provider(
        name="anthropic",
        title="Anthropic",
        flavour=Flavour.ANTHROPIC,
        base_url="https://api.anthropic.com/v1",
        models=(
            Suggestion("claude-haiku-4-5", "anthropic/claude-haiku-4.5"),
            Suggestion("claude-haiku-5-5", "anthropic/claude-haiku-5.5"),
            Suggestion("claude-sonnet-5-5", "anthropic/claude-sonnet-5.5", _QUARTER_S),
            Suggestion("claude-opus-5-5", "anthropic/claude-opus-5.5", _HOUR_S),
        ),
        key_variables=("ANTHROPIC_API_KEY",),
    ),
    Provider(
        name="gemini",
        title="Google Gemini",
        flavour=Flavour.GEMINI,
        base_url="https://generativelanguage.googleapis.com/v1beta",
        models=(
            Suggestion("gemini-2.5-flash-lite", "google/gemini-2.5-flash-lite"),
            Suggestion("gemini-2.5-flash", "google/gemini-2.5-flash", _QUARTER_S),
            Suggestion("gemini-3.5-flash-lite", "google/gemini-3.5-flash-lite", _QUARTER_S),
            Suggestion("gemini-3.8-flash", "google/gemini-3.8-flash", _HOUR_S),
        ),
        key_variables=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    ),
    Provider(
        name="mistral",
        title="Mistral",
        base_url="https://api.mistral.ai/v1",
        models=(
            Suggestion("mistral-small-latest", "mistralai/mistral-small"),
            Suggestion("ministral-8b-latest", "mistralai/ministral-8b"),
            Suggestion("mistral-medium-latest", "mistralai/mistral-medium", _QUARTER_S),
            Suggestion("mistral-large-latest", "mistralai/mistral-large", _QUARTER_S),
            Suggestion("codestral-latest", "mistralai/codestral", _QUARTER_S),
        ),
        key_variables=("MISTRAL_API_KEY",),
        # refuses fields that it does not know, and sends usage unasked
        dialect=Dialect(asks_usage=False),
    ),
    Provider(
        name="deepseek",
        title="DeepSeek",
        base_url="https://api.deepseek.com",
        models=(
            Suggestion("deepseek-chat", "deepseek/deepseek-chat"),
            Suggestion("deepseek-reasoner", "deepseek/deepseek-reasoner", _HOUR_S),
        ),
        key_variables=("DEEPSEEK_API_KEY",),
    ),
    Provider(
        name="xai",
        title="xAI",
        base_url="https://api.x.ai/v1",
        models=(
            Suggestion("grok-4-1-fast-non-reasoning", "x-ai/grok-4.1-fast"),
            Suggestion("grok-4.7", "x-ai/grok-4.7", _HOUR_S),
        ),
        key_variables=("XAI_API_KEY",),
    ),
    Provider(
        name="cohere",
        title="Cohere",
        flavour=Flavour.COHERE,
        base_url="https://api.cohere.com/v2",
        models=(
            Suggestion("command-r7b-12-2024", "cohere/command-r7b-12-2024"),
            Suggestion("command-a-03-2025", "cohere/command-a", _QUARTER_S),
        ),
        key_variables=("CO_API_KEY", "COHERE_API_KEY"),
    ),
    Provider(
        name="moonshot",
        title="Moonshot",
        base_url="https://api.moonshot.ai/v1",
        models=(Suggestion("moonshot-v1-8k", "moonshotai/moonshot-v1-8k"),),
        key_variables=("MOONSHOT_API_KEY",),
    ),
)
