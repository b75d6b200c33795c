"""What is installed: the wheel's content, and locks that say what but not from where."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-model.lock"]


def read_pins(lock: str) -> dict[str, str]:
    """The locked version of each distribution."""
    pins = re.findall(r"^([a-z0-9.-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE)
    return dict(pins)


def normalize(requirement: str) -> str:
    """The distribution that a requirement names, as locks spell it."""
    return re.split(r"[\[<>=!~; ]", requirement)[0].lower().replace("_", "-")


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host_and_no_folder(lock: str) -> None:
    text = (ROOT / lock).read_text()

    assert not re.findall(r"://|^ *--(?!hash)|[ =]/\w", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_version_carries_its_hashes(lock: str) -> None:
    versions = re.split(r"\n(?=[a-z])", (ROOT / lock).read_text())[1:]

    assert versions
    assert all("--hash=sha256:" in version for version in versions)


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]

    asked = {normalize(it) for it in [*project["project"]["dependencies"], *groups["build"]]}
    assert asked <= read_pins("requirements.lock").keys()
    assert {normalize(it) for it in groups["dev"]} <= read_pins("requirements-dev.lock").keys()


def test_the_tests_run_on_the_versions_that_users_run_on() -> None:
    assert read_pins("requirements.lock").items() <= read_pins("requirements-dev.lock").items()


@pytest.mark.slow
def test_the_wheel_carries_the_migrations_and_no_tests(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())

    assert {"monitor/_migrations/env.py", "dashboard/__init__.py"} <= names
    assert not {name for name in names if name.startswith(("tests/", "migrations/", "scripts/"))}
