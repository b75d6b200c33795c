"""Finishes: what each flavour's finish reasons say of a call that somebody else made."""

from collections.abc import Mapping

from monitor.domain.endpoints import Flavour
from monitor.domain.outcomes import Outcome
from monitor.wire.anthropic_answer import AnthropicAnswer
from monitor.wire.cohere_answer import CohereAnswer
from monitor.wire.gemini_answer import GeminiAnswer
from monitor.wire.ollama_answer import OllamaAnswer
from monitor.wire.openai_answer import OpenAiAnswer
from monitor.wire.openrouter_answer import OpenRouterAnswer
from monitor.wire.responses_answer import ResponsesAnswer

_FINISHES: dict[Flavour, Mapping[str, Outcome]] = {
    Flavour.OPENAI_CHAT: OpenAiAnswer.finishes,
    Flavour.OPENAI_RESPONSES: ResponsesAnswer.finishes,
    Flavour.OPENAI_EMBEDDINGS: {},
    Flavour.ANTHROPIC: AnthropicAnswer.finishes,
    Flavour.GEMINI: GeminiAnswer.finishes,
    Flavour.OPENROUTER: OpenRouterAnswer.finishes,
    Flavour.OLLAMA: OllamaAnswer.finishes,
    Flavour.COHERE: CohereAnswer.finishes,
}


def outcome_of(flavour: Flavour, finish_reason: str | None) -> Outcome:
    """What an answer with status 200 came to. A reason that we do not know is the sender's word."""
    if finish_reason is None:
        return Outcome.OK
    return _FINISHES[flavour].get(finish_reason, Outcome.OK)
