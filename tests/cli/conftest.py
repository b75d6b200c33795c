import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitor.cli.main import main
from monitor.domain.roster import NOT_WATCHED, PROVIDERS
from monitor.simulator.app import Conditions
from monitor.simulator.server import run_in_thread
from tests.making import open_database

VARIABLES = (
    "INFERWATCH_SETTINGS",
    *NOT_WATCHED,
    *(
        variable
        for provider in PROVIDERS
        for variables in (
            provider.key_variables,
            provider.base_url_variables,
            provider.model_variables,
        )
        for variable in variables
    ),
)


@dataclass(frozen=True)
class Told:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


Command = Callable[..., Told]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that commands run in, in an environment without any key."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def inferwatch(
    home: Path,  # noqa: ARG001 - where it runs
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Command:
    """The command line, run in this process."""

    def run(*words: str) -> Told:
        monkeypatch.setattr(sys, "argv", ["inferwatch", *words])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        code = end.value.code
        return Told(code if isinstance(code, int) else 0, printed.out, printed.err)

    return run


@pytest.fixture(scope="session")
def simulator_url() -> Iterator[str]:
    """The simulator without scripted faults, answering at once."""
    with run_in_thread(Conditions(is_scripted=False, time_scale=0.0)) as url:
        yield url


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return int(port)


@pytest.fixture
def write_settings(
    home: Path, simulator_url: str, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """Writes settings that watch aurora, with a migrated database beside them."""

    def write(key: str = "sk-simulated-demo", monitor_port: int = free_port) -> None:
        monkeypatch.setenv("AURORA_KEY", key)
        (home / "inferwatch.yaml").write_text(
            f"zone: UTC\nports: {{monitor: {monitor_port}}}\nproviders:\n  aurora:\n"
            f"    base_url: {simulator_url}/aurora/v1\n    key: ${{AURORA_KEY}}\n    models:\n"
            "      - {name: aurora-small, price: {input: 0.15, output: 0.60}}\n",
            encoding="utf-8",
        )
        open_database(home, (), {}).close()

    return write
