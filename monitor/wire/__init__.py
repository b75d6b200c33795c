"""Wire: one module per API flavour, over one transport."""

from typing import Final

from monitor.domain.endpoints import Flavour
from monitor.wire import (
    anthropic,
    cohere,
    gemini,
    ollama,
    openai_chat,
    openai_embeddings,
    openai_responses,
    openrouter,
)
from monitor.wire.flavours import Knock, Speaker

FLAVOURS: Final[dict[Flavour, Speaker]] = {
    Flavour.OPENAI_CHAT: openai_chat,
    Flavour.OPENAI_RESPONSES: openai_responses,
    Flavour.OPENAI_EMBEDDINGS: openai_embeddings,
    Flavour.ANTHROPIC: anthropic,
    Flavour.GEMINI: gemini,
    Flavour.OPENROUTER: openrouter,
    Flavour.OLLAMA: ollama,
    Flavour.COHERE: cohere,
}

#: What shows that we are let in, where the list of models is public and does not.
KNOCKS: Final[dict[Flavour, Knock]] = {Flavour.OPENROUTER: openrouter.check_key}
