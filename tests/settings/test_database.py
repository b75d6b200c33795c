from pathlib import Path

import pytest

from monitor.domain.secrets import Secret
from monitor.settings.database import read_database
from monitor.settings.problems import SettingsError
from tests.settings.test_load import read

HOME = Path("/home/iw")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("calls.db", "sqlite:////home/iw/calls.db"),
        ("sqlite:////tmp/calls.db", "sqlite:////tmp/calls.db"),
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        (
            "postgres://u@h:5432/d?sslmode=require",
            "postgresql+psycopg://u@h:5432/d?sslmode=require",
        ),
        ("postgresql:///d?host=/run/postgresql", "postgresql+psycopg:///d?host=/run/postgresql"),
    ],
)
def test_a_file_or_a_server_is_named(text: str, url: str) -> None:
    assert read_database(text, HOME).url == url


@pytest.mark.parametrize(
    "text", ["postgresql://u:hunter%402@h/d", "postgresql://u@h/d?password=hunter%402"]
)
def test_a_password_is_told_apart_as_it_is(text: str) -> None:
    assert read_database(text, HOME).secrets == (Secret("hunter@2"),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("postgresql://u:hunter2@h", "names no database at its end"),
        ("postgresql://u:hunter2@h/", "names no database at its end"),
        ("postgresql://u:hunter@2@h/d", "can be read in two ways"),
        ("postgresql://u:hunter#2@h/d", "can be read in two ways"),
        ("postgresql://u:hunter/2@h/d", "(can be read in two ways|no number)"),
        ("postgresql://u@h:hunter2/d", "has a port that is no number"),
        ("mysql://u:hunter2@h/d", "no sqlite:/// or postgresql:// URL"),
    ],
)
def test_what_is_wrong_with_a_url_is_said_without_its_password(
    tmp_path: Path, text: str, reason: str
) -> None:
    with pytest.raises(SettingsError, match=reason) as refused:
        read(tmp_path, f"database: {text!r}")

    assert "hunter" not in str(refused.value)


def test_nothing_shows_the_password_of_settings(tmp_path: Path) -> None:
    settings = read(tmp_path, "database: postgresql://u:hunter22@h/d")

    assert Secret("hunter22") in settings.secrets
    assert "hunter22" not in repr(settings)
