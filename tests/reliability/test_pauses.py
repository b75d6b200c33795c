"""A pause over the death of the monitor that made it, by the commands that people type."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.monitors import Provider, run_provider
from tests.reliability.lone_monitor import (
    ENDPOINT,
    Home,
    make_home,
    read_ledger,
    run_monitor,
    wait_for,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with run_provider() as provider:
        yield provider


@pytest.fixture
def home(tmp_path: Path, provider: Provider) -> Home:
    """A model that is probed once a second."""
    home = make_home(tmp_path, provider.base_url)
    path = home.folder / "inferwatch.yaml"
    path.write_text(
        path.read_text().replace(
            "        interval: 1h", "        interval: 1s\n        allow_fast: true"
        )
    )
    return home


def run(home: Home, *words: str) -> str:
    argv = [sys.executable, "-m", "monitor.cli", *words]
    told = subprocess.run(argv, env=home.environment, capture_output=True, text=True, check=True)
    return told.stdout


def read_status(home: Home) -> Any:  # noqa: ANN401 - JSON
    return json.loads(run(home, "status", "--json"))["endpoints"][0]


def count_probes(home: Home) -> int:
    return len(read_ledger(home.database).probes)


def test_a_pause_survives_a_kill_and_probes_begin_again_with_its_end(
    home: Home, provider: Provider
) -> None:
    with run_monitor(home) as monitor:
        wait_for(lambda: count_probes(home) >= 2)
        said = run(home, "pause", "aurora", "--reason", "they move house")
        provider.fail("503")
        monitor.process.kill()
        monitor.process.wait()
    before = count_probes(home)
    with run_monitor(home) as monitor:
        told = read_status(home)["paused"]
        monitor.process.kill()
        monitor.process.wait()
        after = count_probes(home)
    provider.fail(None)
    with run_monitor(home):
        run(home, "resume", "aurora")
        wait_for(lambda: count_probes(home) > after)

    assert said == "Paused provider 'aurora' until it is resumed\n"
    assert (told["until"], told["reason"]) == (None, "they move house")
    assert (before, read_ledger(home.database).incidents) == (after, [])
    assert read_status(home)["paused"] is None


def test_a_pause_made_without_a_monitor_holds_at_its_start_and_ends_by_itself(home: Home) -> None:
    with run_monitor(home):
        wait_for(lambda: count_probes(home) >= 1)
    run(home, "pause", ENDPOINT, "--until", "6s")
    before = count_probes(home)
    with run_monitor(home) as monitor:
        was_paused = monitor.ask("GET", "/v1/pauses")
        wait_for(lambda: count_probes(home) > before)
        is_paused = monitor.ask("GET", "/v1/pauses")

    assert [each["scope"]["endpoint"] for each in was_paused] == [ENDPOINT]
    assert is_paused == []


def test_a_pause_is_shown_and_what_it_holds_is_not_checked(home: Home) -> None:
    with run_monitor(home) as monitor:
        wait_for(lambda: count_probes(home) >= 1)
        run(home, "pause", "--all", "--until", "2h", "--reason", "[bold]rest[/bold]")
        shown = run(home, "status")
        check = monitor.check()

    assert f"Paused: {ENDPOINT}: since " in shown
    assert "[bold]rest[/bold]" in " ".join(shown.split())
    assert "run `inferwatch resume` for that first" in check["error"]
