import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.wire.bodies import BodyError
from monitor.wire.lists import read_list

LONG = [{"id": f"m-{n}", "size": n, "deep": {"id": "x"}, "about": "y" * 300} for n in range(800)]
TEXT = st.text(max_size=5)
MODEL = st.dictionaries(TEXT, TEXT | st.booleans() | st.integers() | st.none() | st.lists(TEXT))


def read(document: object) -> Any:  # noqa: ANN401
    return read_list(bytearray(json.dumps(document).encode()))


def test_a_short_list_is_read_as_it_is() -> None:
    assert read({"data": LONG[:2]}) == {"data": LONG[:2]}


def test_a_long_list_keeps_the_names_of_its_models() -> None:
    names = [{"id": f"m-{n}"} for n in range(800)]

    assert read(LONG) == names
    assert read({"object": "list", "data": LONG}) == {"object": "list", "data": names}


def test_what_stands_before_and_after_the_list_is_kept() -> None:
    found = read({"first_id": "a", "links": {"next": None}, "data": LONG, "has_more": True})

    assert (found["first_id"], found["has_more"]) == ("a", True)
    assert len(found["data"]) == 800


def test_a_long_list_that_is_cut_is_its_beginning() -> None:
    whole = json.dumps({"data": LONG}).encode()
    found = read_list(bytearray(whole[:200_000]))["data"]

    assert found == [{"id": f"m-{n}"} for n in range(len(found))]
    assert 500 < len(found) < 600


def test_a_character_that_is_not_ascii_breaks_no_long_list() -> None:
    models = json.dumps(
        {"data": [{"id": "\N{GREEK SMALL LETTER MU}-1"}, *LONG]}, ensure_ascii=False
    )

    assert read_list(bytearray(models.encode()))["data"][0] == {"id": "-1"}


@pytest.mark.parametrize(
    "body",
    [b"", b"nope", b"[1", b"x" * 200_000, b"[" * 200_000, b'{"data": [' + b"1" * 200_000 + b"]}"],
    ids=["empty", "word", "open", "long word", "deep", "digits"],
)
def test_what_is_no_list_is_refused(body: bytes) -> None:
    with pytest.raises(BodyError):
        read_list(bytearray(body))


@settings(deadline=None, max_examples=50)
@given(st.lists(MODEL, max_size=5), st.binary(max_size=20), st.integers(199_990, 200_200))
def test_no_bytes_make_it_raise_anything_else(
    models: list[dict[str, Any]], broken: bytes, at: int
) -> None:
    body = bytearray(b" " * 200_000 + json.dumps({"data": models}).encode())
    body[at:at] = broken

    with suppress(BodyError):
        read_list(body)


@settings(deadline=None, max_examples=50)
@given(st.lists(MODEL, max_size=5))
def test_a_long_list_names_what_a_short_one_does(models: list[dict[str, Any]]) -> None:
    found = read_list(bytearray(b" " * 200_000 + json.dumps({"data": models}).encode()))
    names = [{k: v for k, v in m.items() if isinstance(v, str | bool)} for m in models]

    assert found["data"] == names
