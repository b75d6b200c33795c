import pytest

from monitor.probes.floors import raise_to_floor


@pytest.mark.parametrize(
    ("model_name", "tokens"),
    [
        ("gpt-4o-mini", 16),
        ("openai/gpt-4.1-nano", 16),
        ("llama3.2", 16),
        ("omni-small", 16),
        ("deepseek-chat", 16),
        ("gpt-5-chat-latest", 16),
        ("qwen3-30b-a3b-instruct-2507", 16),
        ("gpt-5-nano", 256),
        ("openai/gpt-5.1", 256),
        ("o3-mini", 256),
        ("o4-mini-2025-04-16", 256),
        ("openai/gpt-oss-20b", 256),
        ("qwen3:0.6b", 256),
        ("Qwen/Qwen3-8B", 256),
        ("deepseek-reasoner", 512),
        ("deepseek-r1:7b", 512),
    ],
)
def test_a_model_that_thinks_has_a_floor(model_name: str, tokens: int) -> None:
    assert raise_to_floor(model_name, 16) == tokens


def test_more_than_the_floor_is_left_alone() -> None:
    assert raise_to_floor("o3-mini", 1000) == 1000
