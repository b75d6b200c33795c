from dataclasses import replace

import pytest

from monitor.domain.calls import Kind
from monitor.domain.capabilities import Capability
from monitor.domain.endpoints import Endpoint, Flavour
from monitor.domain.purposes import INFER, PERFORMANCE, Purpose
from monitor.probes.abilities import ABILITIES, expect
from monitor.probes.wishes import size_of, wishes
from tests.making import ENDPOINT

ALL = (Capability.IMAGE, Capability.SCHEMA, Capability.TOOL)
SEEING = (Capability.IMAGE, Capability.TOOL)
EMBEDDER = replace(ENDPOINT, target=replace(ENDPOINT.target, flavour=Flavour.OPENAI_EMBEDDINGS))


def named(model_name: str) -> Endpoint:
    return replace(ENDPOINT, model_name=model_name)


@pytest.mark.parametrize(
    ("model_name", "capabilities"),
    [
        ("gpt-4o-mini", ALL),
        ("openai/gpt-4o-2024-08-06", ALL),
        ("gpt-4o-audio-preview", ()),
        ("gpt-4", (Capability.TOOL,)),
        ("o3-mini", (Capability.SCHEMA, Capability.TOOL)),
        ("o4-mini", ALL),
        ("anthropic/claude-haiku-4.5", SEEING),
        ("gemini-2.5-flash", ALL),
        ("gemini-2.5-flash-image", ()),
        ("Mistral-Small-latest", ALL),
        ("llama-3.1-8b-instant", (Capability.TOOL,)),
        ("smollm2", ()),
        ("some-model-of-ours", ()),
    ],
)
def test_only_what_a_name_is_known_for_is_tested(
    model_name: str, capabilities: tuple[Capability, ...]
) -> None:
    assert expect(named(model_name)) == capabilities


@pytest.mark.parametrize("own", [(), (Capability.TOOL,)])
def test_the_settings_know_better(own: tuple[Capability, ...]) -> None:
    assert expect(replace(named("gpt-4o"), capabilities=own)) == own


def test_what_embeds_is_tested_for_that() -> None:
    assert expect(EMBEDDER) == (Capability.EMBEDDINGS,)


def test_no_pattern_hides_one_that_comes_later() -> None:
    patterns = [pattern for pattern, _ in ABILITIES]

    assert len(set(patterns)) == len(patterns)


def asked(endpoint: Endpoint) -> dict[str, float | None]:
    return {str(wish.purpose): wish.interval_s for wish in wishes([endpoint])}


def test_a_model_is_wished_for_by_purpose() -> None:
    assert asked(named("claude-haiku-4-5")) == {
        "infer": 300,
        "performance": 10_800,
        "capability image": 86_400,
        "capability tool": 86_400,
    }


def test_the_speed_of_what_embeds_is_not_measured_by_stories() -> None:
    assert asked(EMBEDDER) == {"infer": 300, "capability embeddings": 86_400}


def test_what_is_switched_off_has_no_interval() -> None:
    quiet = replace(ENDPOINT, performance_interval_s=None)

    assert asked(quiet) == {"infer": 300, "performance": None}
    assert set(asked(replace(ENDPOINT, is_probed=False)).values()) == {None}


@pytest.mark.parametrize(
    ("purpose", "output"),
    [
        (INFER, 256),
        (PERFORMANCE, 160 + 256),
        (Purpose(Kind.CAPABILITY, Capability.TOOL), 96 + 256),
    ],
)
def test_thoughts_are_in_the_size_of_every_kind(purpose: Purpose, output: int) -> None:
    size = size_of(named("gpt-5-mini"), purpose)

    assert (size.output, size.most_input >= size.input) == (output, True)


def test_what_embeds_writes_nothing() -> None:
    assert size_of(EMBEDDER, INFER).output == 0


def test_a_picture_of_gpt_4o_mini_is_dear() -> None:
    purpose = Purpose(Kind.CAPABILITY, Capability.IMAGE)
    sizes = [size_of(named(name), purpose).input for name in ("gpt-4o", "gpt-4o-mini")]

    assert sizes == [320, 9_000]


def test_a_reachability_check_has_no_size() -> None:
    with pytest.raises(ValueError, match="no paid probe is for reach"):
        size_of(ENDPOINT, Purpose(Kind.REACH))
