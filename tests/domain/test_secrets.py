"""Secrets hide themselves, and texts are cleaned of them."""

from dataclasses import dataclass

import pytest

from monitor.domain.secrets import MASK, Secret, redact

CANARY = "canary-0123456789"


@dataclass(frozen=True)
class Holder:
    key: Secret


def test_nothing_that_prints_a_secret_shows_it() -> None:
    secret = Secret(CANARY)
    shown = [str(secret), repr(secret), f"{secret}", f"{secret!r}", repr(Holder(secret))]

    assert not [text for text in shown if CANARY in text]
    assert secret.reveal() == CANARY


def test_secrets_of_one_value_are_equal() -> None:
    assert Secret("a") == Secret("a")
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert Secret("a") != "a"


def test_a_known_secret_is_masked_wherever_it_stands() -> None:
    text = redact(f"key={CANARY}; again {CANARY}!", [Secret(CANARY)])

    assert text == f"key={MASK}; again {MASK}!"


@pytest.mark.parametrize("order", [1, -1])
def test_no_tail_stays_of_a_key_that_begins_like_another(order: int) -> None:
    keys = [Secret("abcdef"), Secret("abcdef-and-more")][::order]

    assert redact("bad key abcdef-and-more", keys) == f"bad key {MASK}"


def test_an_empty_secret_masks_nothing() -> None:
    assert redact("fine", [Secret("")]) == "fine"


@pytest.mark.parametrize(
    "text",
    [
        "Incorrect API key provided: sk-proj-Ab_3dE9xyz.",
        "Incorrect API key provided: sk-ab****wxyz",
        "sk-or-v1-0123456789abcdef",
        "gsk_0123456789ABCDEF",
        "xai-0123456789ABCDEF",
        "https://host/v1?key=AIzaSyA-0123456789",
        "Authorization: Bearer abc.def.ghi",
        '{"authorization": "bearer abcdef"}',
        '{"api_key": "abcdef123"}',
        "x-api-key: abcdef123",
        "API-KEY=abcdef123",
    ],
)
def test_what_looks_like_a_key_is_masked(text: str) -> None:
    cleaned = redact(text)

    assert MASK in cleaned
    assert not any(part in cleaned for part in ("0123456789", "abc", "Ab_3dE9", "wxyz"))


@pytest.mark.parametrize(
    "text", ["node has disk-pressure", "a risk-averse task-force", "sk-1", "the model is down"]
)
def test_other_words_stay(text: str) -> None:
    assert redact(text) == text


def test_a_text_is_cut_only_after_it_was_cleaned() -> None:
    text = redact("x" * 295 + CANARY, [Secret(CANARY)])

    assert text == "x" * 295 + MASK
    assert len(redact("y" * 1000)) == 300


def test_a_secret_is_masked_in_any_case() -> None:
    assert redact(f"code:{CANARY.upper()}", [Secret(CANARY)]) == f"code:{MASK}"


def test_what_no_database_keeps_is_marked() -> None:
    assert redact("a\0b\udc00c\N{GRINNING FACE}\n") == "a�b�c\N{GRINNING FACE}\n"
