"""Abilities: what models are known to do, by their names; what is not known is not tested."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from monitor.domain.capabilities import Capability
from monitor.domain.endpoints import EMBEDDING, Endpoint

_NONE: tuple[Capability, ...] = ()
_TOOL = (Capability.TOOL,)
_STRICT = (Capability.SCHEMA, Capability.TOOL)
_SEEING = (Capability.IMAGE, Capability.TOOL)
_ALL = (Capability.IMAGE, Capability.SCHEMA, Capability.TOOL)
_EMBEDDINGS = (Capability.EMBEDDINGS,)

#: Name patterns, the first that fits counts; names are matched without author, in lower case.
ABILITIES: tuple[tuple[str, tuple[Capability, ...]], ...] = (
    ("*-audio*", _NONE),
    ("*-realtime*", _NONE),
    ("*-transcribe*", _NONE),
    ("*-tts*", _NONE),
    ("*-live*", _NONE),
    ("*-search*", _NONE),
    ("*-image*", _NONE),
    ("gpt-4o*", _ALL),
    ("gpt-4.[1-9]*", _ALL),
    ("gpt-4-turbo*", _SEEING),
    ("gpt-4*", _TOOL),
    ("gpt-3.5-turbo*", _TOOL),
    ("gpt-[5-9]*-chat*", (Capability.IMAGE,)),
    ("gpt-[5-9]*", _ALL),
    ("gpt-oss*", _TOOL),
    ("o1-mini*", _NONE),
    ("o1-preview*", _NONE),
    ("o3-mini*", _STRICT),
    ("o[1-9]*", _ALL),
    ("claude-*", _SEEING),
    ("gemini-1.5*", _ALL),
    ("gemini-[2-9]*", _ALL),
    ("mistral-small*", _ALL),
    ("mistral-medium*", _ALL),
    ("mistral-large*", _STRICT),
    ("ministral*", _STRICT),
    ("pixtral*", _ALL),
    ("deepseek-chat*", _TOOL),
    ("deepseek-v3*", _TOOL),
    ("llama-4*", _SEEING),
    ("llama-3.[1-3]-*", _TOOL),
    ("qwen3*", _TOOL),
    ("grok-[3-9]*", _STRICT),
    ("command-a*", _STRICT),
    ("command-r*", _STRICT),
    ("kimi-k2*", _TOOL),
    ("glm-4.[5-9]*", _TOOL),
)


def expect(endpoint: Endpoint) -> tuple[Capability, ...]:
    """What is tested of an endpoint: what the settings say, else what its name is known for."""
    if endpoint.capabilities is not None:
        return tuple(dict.fromkeys(endpoint.capabilities))
    if endpoint.target.flavour in EMBEDDING:
        return _EMBEDDINGS
    return next(_known(endpoint.model_name), _NONE)


def _known(model_name: str) -> Iterator[tuple[Capability, ...]]:
    name = model_name.lower().rpartition("/")[2]
    return (abilities for pattern, abilities in ABILITIES if fnmatchcase(name, pattern))
