"""Settings edited under a running monitor: it follows them, and nothing else is disturbed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.simulator.catalogue import KEY
from monitor.storage import facts
from monitor.storage.engine import Database
from monitor.storage.queries import calls, endpoints
from tests.monitors import LARGE, SMALL, Provider, run_provider
from tests.reliability.installation import run_installation
from tests.reliability.installation import wait_for as wait_for_installation
from tests.reliability.lone_monitor import Home, LoneMonitor, make_home, run_monitor, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CANARY = "Zebra-quartz-Canary-79"
SMALL_MODEL = "{name: aurora-small, interval: 1s, allow_fast: true, price: 0}"
LARGE_MODEL = "{name: aurora-large, interval: 1h, price: 0}"
EARLY_MODEL = LARGE_MODEL.replace("{", "{id: quick, ")


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with run_provider() as provider:
        yield provider


@pytest.fixture
def home(tmp_path: Path, provider: Provider) -> Home:
    home = make_home(tmp_path, provider.base_url)
    write(home, provider, SMALL_MODEL)
    return home


def write(home: Home, provider: Provider, *models: str, key: str = KEY, more: str = "") -> None:
    """The settings, put down as an editor does that is afraid of power cuts."""
    part = home.folder / "part"
    listed = "".join(f"      - {model}\n" for model in models)
    part.write_text(
        f"{more}zone: UTC\nports: {{monitor: {home.port}}}\nproviders:\n  aurora:\n"
        f"    base_url: {provider.base_url}\n    key: {key}\n    models:\n{listed}"
    )
    part.replace(home.folder / "inferwatch.yaml")


def list_probes(home: Home) -> dict[str, list[int]]:
    """The starts of all probes by the endpoint's id now, in order."""
    with closing(Database(f"sqlite:///{home.database}")) as database, database.reading() as session:
        found: dict[str, list[int]] = {}
        for each in endpoints.every(session):
            chosen = calls.CallFilter(endpoint_ids=(each.id,))
            lines = calls.page(session, chosen, limit=1000).lines
            found[each.slug] = sorted(line.started_ms for line in lines)
    return found


def list_problems(monitor: LoneMonitor) -> list[str]:
    return [str(each) for each in monitor.ask("GET", "/v1/status")["settings"]["problems"]]


def test_a_new_endpoint_is_probed_within_seconds_and_no_other_probe_is_lost(
    home: Home, provider: Provider
) -> None:
    with run_monitor(home) as monitor:
        wait_for(lambda: len(list_probes(home).get(SMALL, ())) >= 3)
        edited_s = time.monotonic()
        write(home, provider, SMALL_MODEL, EARLY_MODEL)
        wait_for(lambda: bool(list_probes(home).get("quick")))
        took_s = time.monotonic() - edited_s
        scheduler = monitor.ask("GET", "/v1/status")["scheduler"]
        starts_ms = list_probes(home)[SMALL]

    assert took_s < 15
    assert max(b - a for a, b in pairwise(starts_ms)) < 2_000
    assert scheduler["missed_runs"] == scheduler["skipped_runs"] == 0


def test_a_bad_edit_is_shown_until_it_is_mended_and_probing_goes_on(
    home: Home, provider: Provider
) -> None:
    with run_monitor(home) as monitor:
        write(home, provider, SMALL_MODEL, more="colour: blue\n")
        wait_for(lambda: bool(list_problems(monitor)))
        problems, before = list_problems(monitor), len(list_probes(home)[SMALL])
        is_ready = monitor.ask("GET", "/readyz")["is_ready"]
        wait_for(lambda: len(list_probes(home)[SMALL]) > before)
        write(home, provider, SMALL_MODEL)
        wait_for(lambda: not list_problems(monitor))

    assert "inferwatch.yaml:1: colour: blue: unknown key" in problems[0]
    assert is_ready


def test_a_hang_up_signal_and_a_request_read_the_settings_at_once(
    home: Home, provider: Provider
) -> None:
    with run_monitor(home) as monitor:
        write(home, provider, SMALL_MODEL, LARGE_MODEL)
        added = monitor.ask("POST", "/v1/reload")["added"]
        write(home, provider, SMALL_MODEL, more="colour: blue\n")
        os.kill(monitor.process.pid, signal.SIGHUP)
        wait_for(lambda: bool(list_problems(monitor)))

    assert added in ([LARGE], [])  # none where the monitor had noticed the edit before


def test_the_command_says_what_is_different(home: Home, provider: Provider) -> None:
    with run_monitor(home):
        write(home, provider, LARGE_MODEL)
        argv = [sys.executable, "-m", "monitor.cli", "reload"]
        told = subprocess.run(
            argv, env=home.environment, capture_output=True, text=True, check=True
        )

    assert told.stdout in (
        f"Added: {LARGE}\nRemoved: {SMALL}\n",
        "No endpoint is different.\n",  # where the monitor had noticed the edit before
    )


def test_a_rename_keeps_the_history_over_a_restart_too(home: Home, provider: Provider) -> None:
    renamed = SMALL_MODEL.replace("{", f"{{id: tiny, was: {SMALL}, ")
    with run_monitor(home):
        wait_for(lambda: len(list_probes(home).get(SMALL, ())) >= 2)
        before = list_probes(home)[SMALL]
        write(home, provider, renamed)
        wait_for(lambda: len(list_probes(home).get("tiny", ())) > len(before) + 1)
    with run_monitor(home):
        after = list_probes(home)

    assert set(after) == {"tiny"}
    assert set(before) <= set(after["tiny"])


def test_a_key_that_came_with_an_edit_is_in_no_file_but_the_settings(
    home: Home, provider: Provider
) -> None:
    with run_monitor(home) as monitor:
        write(home, provider, SMALL_MODEL, key=CANARY)
        monitor.ask("POST", "/v1/reload")
        before = len(list_probes(home)[SMALL])
        wait_for(lambda: len(list_probes(home)[SMALL]) > before + 1)
        write(home, provider, SMALL_MODEL, key=CANARY, more="colour: blue\n")
        monitor.ask("POST", "/v1/reload")
        monitor.stop()
    texts = {path.name: path.read_bytes() for path in home.folder.iterdir() if path.is_file()}

    assert [name for name, text in texts.items() if CANARY.encode() in text] == ["inferwatch.yaml"]


def test_a_hang_up_of_the_whole_without_a_terminal_is_passed_on(
    tmp_path: Path, provider: Provider
) -> None:
    settings = (
        f"zone: UTC\nproviders: {{aurora: {{base_url: '{provider.base_url}', models: []}}}}\n"
    )
    with run_installation(tmp_path, settings) as installation:
        path = tmp_path / "inferwatch.yaml"
        path.write_text(path.read_text().replace("UTC", "Asia/Kathmandu"))
        installation.process.send_signal(signal.SIGHUP)

        def is_moved() -> bool:
            return installation.read(facts.home_zone).key == "Asia/Kathmandu"

        wait_for_installation("the new zone", is_moved, installation)
        is_running = installation.process.poll() is None

    assert is_running
