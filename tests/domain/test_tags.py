import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain import tags

NAMES = st.text(alphabet="a=\\ö", min_size=1, max_size=6)
VALUES = st.text(alphabet="a=\\\n", max_size=6)


@given(NAMES, VALUES)
def test_what_was_written_is_read(name: str, value: str) -> None:
    assert tags.read(tags.write(name, value)) == (name, value)


def test_a_plain_tag_is_plain() -> None:
    assert tags.write("release", "2026=9") == "release=2026=9"
    assert tags.write("a=b", "c") == "a\\=b=c"


@pytest.mark.parametrize("text", ["", "release", "=9", "a\\b=c"])
def test_what_is_no_tag_says_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="write name=value"):
        tags.read(text)
