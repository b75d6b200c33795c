"""Wire: one module per API flavour, over one transport."""

from typing import Final

from monitor.domain.endpoints import Flavour
from monitor.wire import anthropic, gemini, openai_chat, openai_responses
from monitor.wire.flavours import Speaker

FLAVOURS: Final[dict[Flavour, Speaker]] = {
    Flavour.OPENAI_CHAT: openai_chat,
    Flavour.OPENAI_RESPONSES: openai_responses,
    Flavour.ANTHROPIC: anthropic,
    Flavour.GEMINI: gemini,
}
