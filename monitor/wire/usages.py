"""Usages: what each flavour's reported usage object comes to, as disjoint leaves."""

from collections.abc import Callable, Mapping
from typing import Any

from monitor.domain.endpoints import Flavour
from monitor.domain.usage import Usage
from monitor.wire import anthropic_usage, gemini_usage, openai_usage, responses_usage
from monitor.wire.answers import Answer
from monitor.wire.cohere_answer import CohereAnswer
from monitor.wire.ollama_answer import OllamaAnswer
from monitor.wire.openai_embeddings import EmbeddingAnswer

Read = Callable[[Mapping[str, Any]], Usage | None]


def _by(kind: type[Answer]) -> Read:
    """As the answers of a flavour read it that has no function for it alone."""

    def read(reported: Mapping[str, Any]) -> Usage | None:
        answer = kind()
        answer.usage = dict(reported)
        return answer.leaves()

    return read


#: Each raises ContradictoryUsage, and gives `None` where nothing is counted.
USAGES: dict[Flavour, Read] = {
    Flavour.OPENAI_CHAT: openai_usage.usage,
    Flavour.OPENAI_RESPONSES: responses_usage.usage,
    Flavour.OPENAI_EMBEDDINGS: _by(EmbeddingAnswer),
    Flavour.ANTHROPIC: anthropic_usage.usage,
    Flavour.GEMINI: gemini_usage.usage,
    Flavour.OPENROUTER: openai_usage.usage,
    Flavour.OLLAMA: _by(OllamaAnswer),
    Flavour.COHERE: _by(CohereAnswer),
}
