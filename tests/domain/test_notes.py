import pytest

from monitor.domain.incidents import Stage, stage
from monitor.domain.notes import (
    MAX_NAME,
    MAX_NOTE,
    NoteKind,
    Unsayable,
    read_name,
    read_text,
    read_words,
)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("  Ada \t Lovelace\n", "Ada Lovelace"),
        ("\u202eadA\x00\x1b[31m", "adA [31m"),
        ("<b>Ada</b>", "<b>Ada</b>"),
    ],
)
def test_a_name_is_one_line_of_what_can_be_seen(said: str, read: str) -> None:
    assert read_name(said) == read


def test_lines_of_a_text_stay_apart() -> None:
    assert read_text(NoteKind.NOTE, "\n one \r\n\ttwo\x07  \n\n") == "one\n two"


@pytest.mark.parametrize("said", [None, "", " \n", "\u200b"])
def test_nothing_is_no_name_and_no_text(said: str | None) -> None:
    with pytest.raises(Unsayable, match="name is missing"):
        read_name(said)
    with pytest.raises(Unsayable, match="empty"):
        read_text(NoteKind.NOTE, said)
    assert read_words(said) == ""


def test_what_is_too_long_is_refused_not_cut() -> None:
    assert len(read_text(NoteKind.POST_MORTEM, "a" * (MAX_NOTE + 1))) == MAX_NOTE + 1
    with pytest.raises(Unsayable, match="2,001 characters and may have 2,000"):
        read_text(NoteKind.NOTE, "a" * (MAX_NOTE + 1))
    with pytest.raises(Unsayable, match="the name has"):
        read_name("a" * (MAX_NAME + 1))


def test_a_key_that_somebody_pastes_is_taken_out() -> None:
    key = "sk-proj-" + "a1B2" * 12

    assert key not in read_text(NoteKind.NOTE, f"they revoked {key} today")


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ((True, False, False), Stage.OPEN),
        ((True, True, False), Stage.ACKNOWLEDGED),
        ((False, True, False), Stage.RESOLVED),
        ((False, False, True), Stage.REVIEWED),
    ],
)
def test_an_incident_goes_through_its_stages(
    known: tuple[bool, bool, bool], expected: Stage
) -> None:
    is_open, is_acknowledged, has_post_mortem = known
    found = stage(is_open=is_open, is_acknowledged=is_acknowledged, has_post_mortem=has_post_mortem)

    assert (found, found.is_over) == (expected, not is_open)
