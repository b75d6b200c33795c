"""Floors: the least output tokens with which a model can be heard.

A model that thinks first spends the limit on thoughts; with too low a limit it falls silent, and
what is ours to raise would look like its failure.
"""

from fnmatch import fnmatchcase

from monitor.domain.endpoints import Endpoint

#: The floor of models that answer at once.
_NO_THOUGHTS = 16

#: Name patterns, the first that fits counts; names are matched without author, in lower case.
FLOORS: tuple[tuple[str, int], ...] = (
    ("gpt-5*-chat*", 16),
    ("gpt-5*", 256),
    ("o[1-9]*", 256),
    ("gpt-oss*", 256),
    ("codex*", 256),
    ("deepseek-reasoner*", 512),
    ("deepseek-r[0-9]*", 512),
    ("deepseek-v[4-9]*", 256),
    ("qwen3*instruct*", 16),
    ("qwen3*", 256),
    ("qwq*", 512),
    ("magistral*", 256),
    ("grok-3-mini*", 256),
    ("grok-[4-9]*non-reasoning*", 16),
    ("grok-[4-9]*", 256),
    ("gemini-2.5*", 256),
    ("gemini-[3-9]*", 256),
    ("glm-4.[5-9]*", 256),
    ("glm-[5-9]*", 256),
    ("kimi-k2-thinking*", 256),
    ("minimax-m*", 256),
    ("nemotron*", 256),
    ("*thinking*", 256),
    ("*reasoning*", 256),
    ("*-r1*", 512),
)


def raise_to_floor(model_name: str, output_tokens: int) -> int:
    """The output tokens to ask a model for: what was set, or its floor where that is higher."""
    return max(output_tokens, _floor(model_name))


def add_thoughts(endpoint: Endpoint, answer_tokens: int) -> int:
    """The output tokens that an answer of so many may take, with room to think before it.

    The room is the model's floor, or what the settings give it where that is more.
    """
    room = raise_to_floor(endpoint.model_name, endpoint.output_tokens)
    return answer_tokens + (room if room > _NO_THOUGHTS else 0)


def _floor(model_name: str) -> int:
    name = model_name.lower().rpartition("/")[2]
    return next((floor for pattern, floor in FLOORS if fnmatchcase(name, pattern)), 0)
