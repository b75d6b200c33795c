"""A Chromium to draw pages with: one found here, else Debian's, else Playwright's own.

Run as a file it prints the browser's path and installs one first where none is found.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import assert_never

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Source(StrEnum):
    """Where a browser is installed from."""

    APT = "apt"
    APT_BY_SUDO = "apt by sudo"
    PLAYWRIGHT = "playwright"


@dataclass(frozen=True, slots=True)
class Machine:
    """What decides where a browser comes from."""

    has_apt: bool
    is_root: bool
    has_sudo: bool
    """`sudo` is there and asks for no password."""


def choose_sources(machine: Machine) -> list[Source]:
    """The sources to try, in order, on a machine that has no browser yet.

    Playwright comes last everywhere: where apt has no such package (Ubuntu's is a snap), or
    no way out, its own download may still do.
    """
    if machine.has_apt and machine.is_root:
        return [Source.APT, Source.PLAYWRIGHT]
    if machine.has_apt and machine.has_sudo:
        return [Source.APT_BY_SUDO, Source.PLAYWRIGHT]
    return [Source.PLAYWRIGHT]


def list_commands(source: Source) -> list[list[str]]:
    """The commands that install a browser from a source, each to succeed before the next."""
    apt = [
        ["apt-get", "update"],
        ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"],
    ]
    match source:
        case Source.APT:
            return apt
        case Source.APT_BY_SUDO:
            return [["sudo", "--non-interactive", *command] for command in apt]
        case Source.PLAYWRIGHT:
            return [[sys.executable, "-m", "playwright", "install", "chromium"]]
        case _:
            assert_never(source)


def find_browser(search_path: str | None = None) -> str | None:
    """The path of a browser on `search_path` (default: PATH), else of Playwright's own, if any."""
    for name in NAMES:
        if found := shutil.which(name, path=search_path):
            return found
    return _find_playwright_browser()


def _find_playwright_browser() -> str | None:
    code = (
        "from playwright.sync_api import sync_playwright as start\n"
        "with start() as playwright: print(playwright.chromium.executable_path)"
    )
    asked = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    path = asked.stdout.strip()
    return path if path and Path(path).exists() else None


def describe_machine() -> Machine:
    """What this machine has and allows."""
    sudo = ["sudo", "--non-interactive", "true"]
    return Machine(
        has_apt=shutil.which("apt-get") is not None,
        is_root=os.geteuid() == 0,
        has_sudo=shutil.which("sudo") is not None
        and subprocess.run(sudo, capture_output=True, check=False).returncode == 0,
    )


def install(source: Source) -> bool:
    """Whether every command of a source succeeded; their output is sent to standard error."""
    return all(
        subprocess.run(command, stdout=sys.stderr, check=False).returncode == 0
        for command in list_commands(source)
    )


def main() -> int:
    """Print the path of a browser, installed if need be; 1 where none can be had."""
    found = find_browser()
    if found is None:
        any(install(source) for source in choose_sources(describe_machine()))
        found = find_browser()
    if found is None:
        print("No browser: install chromium or google-chrome by hand.", file=sys.stderr)
        return 1
    print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
