"""Which browser the tests draw with, and where one is installed from."""

import sys
from pathlib import Path

import pytest

from scripts.find_browser import Machine, Source, choose_sources, find_browser, list_commands


@pytest.mark.parametrize(
    ("machine", "sources"),
    [
        (Machine(has_apt=True, is_root=True, has_sudo=False), [Source.APT, Source.PLAYWRIGHT]),
        (Machine(has_apt=True, is_root=True, has_sudo=True), [Source.APT, Source.PLAYWRIGHT]),
        (
            Machine(has_apt=True, is_root=False, has_sudo=True),
            [Source.APT_BY_SUDO, Source.PLAYWRIGHT],
        ),
        (Machine(has_apt=True, is_root=False, has_sudo=False), [Source.PLAYWRIGHT]),
        (Machine(has_apt=False, is_root=True, has_sudo=True), [Source.PLAYWRIGHT]),
        (Machine(has_apt=False, is_root=False, has_sudo=False), [Source.PLAYWRIGHT]),
    ],
)
def test_apt_is_used_where_it_is_allowed_and_playwright_after_it(
    machine: Machine, sources: list[Source]
) -> None:
    chosen = choose_sources(machine)

    assert chosen == sources


def test_sudo_never_waits_for_a_password() -> None:
    commands = list_commands(Source.APT_BY_SUDO)

    assert [command[:2] for command in commands] == [["sudo", "--non-interactive"]] * 2


def test_the_list_of_packages_is_refreshed_before_chromium_is_installed() -> None:
    update, install = list_commands(Source.APT)

    assert update == ["apt-get", "update"]
    assert install[-1] == "chromium"


def test_playwright_downloads_with_the_python_that_runs_the_tests() -> None:
    [command] = list_commands(Source.PLAYWRIGHT)

    assert command == [sys.executable, "-m", "playwright", "install", "chromium"]


def test_chromium_is_preferred_to_chrome_on_the_path(tmp_path: Path) -> None:
    for name in ("google-chrome", "chromium"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)

    found = find_browser(search_path=str(tmp_path))

    assert found == str(tmp_path / "chromium")
