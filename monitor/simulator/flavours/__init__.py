"""Flavours: the wire APIs that the simulator speaks, each in a module of its own."""

from typing import Final

from monitor.simulator.catalogue import Style
from monitor.simulator.flavours import anthropic, cohere, gemini, ollama, openai, openrouter
from monitor.simulator.operations import Flavour

FLAVOURS: Final[dict[Style, Flavour]] = {
    Style.OPENAI: openai.FLAVOUR,
    Style.ANTHROPIC: anthropic.FLAVOUR,
    Style.GEMINI: gemini.FLAVOUR,
    Style.OPENROUTER: openrouter.FLAVOUR,
    Style.OLLAMA: ollama.FLAVOUR,
    Style.COHERE: cohere.FLAVOUR,
}
