from pathlib import Path

import pytest

from monitor.domain.heartbeat import Heartbeat
from monitor.domain.secrets import Secret
from monitor.settings.load import load
from monitor.settings.model import Settings
from monitor.settings.problems import SettingsError

URL = "https://beat.example/T0KEN"


def read(folder: Path, heartbeat: str) -> Settings:
    path = folder / "inferwatch.yaml"
    path.write_text(f"heartbeat: {heartbeat}\n")
    return load(path, {"BEAT": URL})


def test_a_heartbeat_goes_to_a_secret_url(tmp_path: Path) -> None:
    settings = read(tmp_path, "{url: '${BEAT}', every: 5m, fail: true}")

    assert settings.heartbeat == Heartbeat(Secret(URL), 300.0, tells_failure=True)
    assert Secret(URL) in settings.secrets


def test_without_a_word_it_beats_every_minute_and_keeps_silent_in_trouble(tmp_path: Path) -> None:
    assert read(tmp_path, "{url: '${BEAT}'}").heartbeat == Heartbeat(Secret(URL), 60.0)


@pytest.mark.parametrize(
    ("heartbeat", "key", "text"),
    [
        ("{url: beat.example}", "heartbeat.url", "is no http"),
        ("{url: '${BEAT}', every: 2d}", "heartbeat.every", "is outside of 1 s to 1 day"),
        ("{url: 'https://b.example/?t=1', fail: true}", "heartbeat.fail", "without a query"),
    ],
)
def test_what_cannot_be_is_refused_by_its_key(
    tmp_path: Path, heartbeat: str, key: str, text: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, heartbeat)

    [problem] = refused.value.problems
    assert key in str(problem)
    assert text in str(problem)
