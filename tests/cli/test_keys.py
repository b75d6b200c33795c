"""`inferwatch keys` over a real database."""

from collections.abc import Callable

import pytest

from tests.cli.conftest import Command


@pytest.fixture(autouse=True)
def settings(write_settings: Callable[..., None]) -> None:
    write_settings()


def test_a_token_is_printed_once_and_listed_without_its_secret(inferwatch: Command) -> None:
    made = inferwatch("keys", "create", "ci", "--scope", "ingest", "--team", "search")
    listed = inferwatch("keys", "list")

    token = made.out.strip()
    assert (made.code, token[:3], len(token), "not shown again" in made.err) == (0, "iw_", 46, True)
    assert (token[:9] in listed.out, token in listed.out) == (True, False)
    assert "search" in listed.out


def test_a_revoked_token_stays_listed_as_such(inferwatch: Command) -> None:
    inferwatch("keys", "create", "ci")
    told = inferwatch("keys", "revoke", "ci")

    assert (told.code, told.out) == (0, "Revoked ci\n")
    assert "revoked 20" in " ".join(inferwatch("keys", "list").out.split())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("create", "ci", "--scope", "write"), "--scope 'write' is none; these are: ingest, read"),
        (("create", "ci", "--expires", "soon"), "--expires 'soon' is no time"),
        (("create", "a\nb"), "one line"),
        (("revoke", "ci"), "no token 'ci' holds"),
    ],
)
def test_what_cannot_be_done_says_why(
    inferwatch: Command, words: tuple[str, ...], says: str
) -> None:
    told = inferwatch("keys", *words)

    assert (told.code != 0, says in told.err) == (True, True), told.err


def test_a_list_without_tokens_says_how_to_make_one(inferwatch: Command) -> None:
    assert "inferwatch keys create NAME" in inferwatch("keys", "list").out
