from pathlib import Path

import pytest

from monitor.domain.apps import App
from monitor.settings.load import load
from monitor.settings.problems import SettingsError

HEAD = "zone: UTC\napps:\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "inferwatch.yaml"
    path.write_text(HEAD + text)
    return path


def test_apps_have_titles_and_aliases(tmp_path: Path) -> None:
    told = (
        "  https://a.example: {title: A, aliases: [https://b.example]}\n  https://c.example: {}\n"
    )

    assert load(write(tmp_path, told), {}).apps == (
        App("https://a.example", "A", ("https://b.example",)),
        App("https://c.example"),
    )


@pytest.mark.parametrize(
    "told",
    [
        "  a: {aliases: [a]}\n",
        "  a: {aliases: [b]}\n  b: {}\n",
        "  a: {aliases: [x]}\n  b: {aliases: [x]}\n",
    ],
)
def test_an_identity_is_of_one_app_alone(tmp_path: Path, told: str) -> None:
    with pytest.raises(SettingsError, match="already; name it once"):
        load(write(tmp_path, told), {})


def test_a_name_that_no_database_could_keep_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"apps\.a\.title.*has a NUL in it"):
        load(write(tmp_path, '  a: {title: "A\\0"}\n'), {})
