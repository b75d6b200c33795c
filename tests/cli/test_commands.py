import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from monitor.settings.schema import render
from monitor.storage import quarantine
from monitor.storage.engine import Database
from tests.cli.conftest import Command

ROOT = Path(__file__).parents[2]
CANARY = "sk-canary-0123456789abcdef"
WriteSettings = Callable[..., None]


@pytest.mark.parametrize(
    "command",
    [
        "up",
        "init",
        "check",
        "status",
        "doctor",
        "monitor",
        "dashboard",
        "db",
        "keys",
        "pause",
        "prices",
        "resume",
        "rehearse",
        "reload",
        "settings",
    ],
)
def test_every_command_has_help(inferwatch: Command, command: str) -> None:
    told = inferwatch(command, "--help")

    assert (told.code, told.err) == (0, "")
    assert f"inferwatch {command}" in told.out


def test_the_version_is_told(inferwatch: Command) -> None:
    assert inferwatch("--version").out.startswith("inferwatch ")


def test_help_loads_nothing_heavy() -> None:
    heavy = ("genai_prices", "sqlalchemy", "httpx", "pydantic", "fastapi", "uvicorn", "alembic")
    code = f"import monitor.cli.main, sys; print([m for m in {heavy} if m in sys.modules])"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert loaded.stdout == "[]\n"


def test_the_schema_is_printed(inferwatch: Command) -> None:
    assert inferwatch("settings", "schema").out == render()


@pytest.mark.parametrize("command", [("status",), ("check",), ("db", "upgrade"), ("db", "rebuild")])
def test_without_settings_a_command_says_how_to_get_some(
    inferwatch: Command, command: tuple[str, ...]
) -> None:
    told = inferwatch(*command)

    assert (told.code, told.out) == (2, "")
    assert told.err == (
        "inferwatch.yaml:1: there is no such file; run `inferwatch init` to write one, or point "
        "INFERWATCH_SETTINGS at yours\n"
    )


@pytest.mark.parametrize("command", ["status", "check", "doctor", "up"])
def test_a_key_in_bad_settings_is_never_printed(
    inferwatch: Command, home: Path, command: str
) -> None:
    text = (
        f"zone: X\nproviders:\n  a:\n    api_key: {CANARY}\n    base_url: 'http://u:{CANARY}@h'\n"
    )
    (home / "inferwatch.yaml").write_text(text)
    told = inferwatch(command)

    assert told.code in {1, 2}
    assert "zone" in told.out + told.err
    assert CANARY not in told.out + told.err


def test_status_without_a_ledger_says_what_to_do(inferwatch: Command, home: Path) -> None:
    (home / "inferwatch.yaml").write_text("zone: UTC\n")
    told = inferwatch("status")

    assert told.code == 1
    assert "there is no ledger yet" in told.err


def test_status_has_the_promised_fields(inferwatch: Command, write_settings: WriteSettings) -> None:
    write_settings()
    inferwatch("check")
    status = json.loads(inferwatch("status", "--json").out)

    assert status["open_incidents"] == []
    assert status["endpoints"][0].keys() >= {
        "id",
        "state",
        "since",
        "availability_24h",
        "coverage_24h",
        "n_24h",
        "ttft_p95_s",
        "spend_today_nano_usd",
        "probe_spend_today_nano_usd",
    }
    assert status["endpoints"][0]["since"].endswith("Z")


def test_status_spells_every_instant_of_an_incident(
    inferwatch: Command, write_settings: WriteSettings, home: Path
) -> None:
    write_settings()
    inferwatch("check")
    with closing(sqlite3.connect(home / "inferwatch.db")) as database:
        database.execute(
            "INSERT INTO incident (endpoint_id, kind, outcome, started_ms, confirmed_ms, "
            "unobserved_ms, rule_version, call_id, rule, subject, severity, facts) "
            "SELECT endpoint_id, 'availability', outcome, 0, 1000, 2000, 3, id, 'down', "
            "endpoint_id, 'critical', '{}' FROM call LIMIT 1"
        )
        database.commit()
    [incident] = json.loads(inferwatch("status", "--json").out)["open_incidents"]

    assert incident["unobserved"] == "1970-01-01T00:00:02.000Z"
    assert not any(name.endswith("_ms") for name in incident)


def test_status_is_shown_as_a_table(inferwatch: Command, write_settings: WriteSettings) -> None:
    write_settings()
    inferwatch("check")
    told = inferwatch("status")

    assert "aurora/aurora-small" in told.out
    assert "No open incident." in told.out


def test_upgrade_makes_the_database(inferwatch: Command, home: Path) -> None:
    (home / "inferwatch.yaml").write_text("zone: UTC\n")
    told = inferwatch("db", "upgrade")

    assert (told.code, "is now at revision" in told.out) == (0, True)
    assert (home / "inferwatch.db").exists()


def test_rebuild_counts_the_calls(inferwatch: Command, write_settings: WriteSettings) -> None:
    write_settings()
    inferwatch("check")
    told = inferwatch("db", "rebuild")

    assert (told.code, told.out) == (0, "Made all sums again from 1 calls\n")


def test_rebuild_moves_days_to_the_zone_of_the_settings(
    inferwatch: Command, write_settings: WriteSettings, home: Path
) -> None:
    write_settings()
    settings = home / "inferwatch.yaml"
    settings.write_text(settings.read_text().replace("UTC", "Asia/Kathmandu"))

    assert "Days are now those of Asia/Kathmandu" in inferwatch("db", "rebuild").out
    assert "Days are now" not in inferwatch("db", "rebuild").out


def grades(out: str) -> dict[str, str]:
    return {line.split()[1]: line.split()[0] for line in out.splitlines()}


def test_doctor_finds_a_sound_installation_in_order(
    inferwatch: Command, write_settings: WriteSettings
) -> None:
    write_settings()
    inferwatch("check")
    told = inferwatch("doctor")

    assert told.code == 0
    assert grades(told.out) == {
        "settings": "ok",
        "keys": "ok",
        "prices": "ok",
        "disk": "ok",
        "database": "ok",
        "clock": "ok",
        "writer": "ok",
        "alerts": "ok",
        "sums": "ok",
        "monitor": "warn",
    }


def test_doctor_never_shows_a_key(inferwatch: Command, write_settings: WriteSettings) -> None:
    write_settings(key=CANARY)
    inferwatch("check")
    told = inferwatch("doctor")

    assert CANARY not in told.out + told.err


def test_doctor_finds_a_key_in_the_file(
    inferwatch: Command, write_settings: WriteSettings, home: Path
) -> None:
    write_settings()
    settings = home / "inferwatch.yaml"
    settings.write_text(settings.read_text().replace("${AURORA_KEY}", CANARY))
    told = inferwatch("doctor")

    assert "the key stands in the file" in told.out
    assert CANARY not in told.out


def test_doctor_names_what_is_probed_at_an_unknown_price(
    inferwatch: Command, write_settings: WriteSettings, home: Path
) -> None:
    write_settings()
    settings = home / "inferwatch.yaml"
    settings.write_text(settings.read_text().replace(", price: {input: 0.15, output: 0.60}", ""))
    told = inferwatch("doctor")

    assert "not known of aurora/aurora-small, probed all the same" in told.out


def test_doctor_finds_sums_that_differ_from_the_calls(
    inferwatch: Command, write_settings: WriteSettings, home: Path
) -> None:
    write_settings()
    inferwatch("check")
    with closing(sqlite3.connect(home / "inferwatch.db")) as connection:
        connection.execute("UPDATE usage_15m SET output = output + 1")
        connection.commit()
    told = inferwatch("doctor")

    assert (told.code, grades(told.out)["sums"]) == (1, "FAIL")
    assert "inferwatch db rebuild" in told.out


def test_doctor_finds_a_clock_behind_the_newest_call(
    inferwatch: Command, write_settings: WriteSettings, home: Path
) -> None:
    write_settings()
    inferwatch("check")
    with closing(sqlite3.connect(home / "inferwatch.db")) as connection:
        connection.execute("UPDATE call SET started_ms = started_ms + 3600000")
        connection.commit()

    assert grades(inferwatch("doctor").out)["clock"] == "FAIL"


@pytest.mark.parametrize("words", [("doctor",), ("status",), ("db", "rebuild"), ("db", "upgrade")])
def test_a_file_that_is_no_database_is_told_in_a_line(
    inferwatch: Command, write_settings: WriteSettings, home: Path, words: tuple[str, ...]
) -> None:
    write_settings()
    (home / "inferwatch.db").write_bytes(b"no database at all" * 1000)
    told = inferwatch(*words)

    assert told.code == 1
    assert "is not a database" in told.out + told.err


def test_doctor_tells_which_intervals_the_budget_stretches(
    inferwatch: Command, write_settings: WriteSettings, home: Path
) -> None:
    write_settings()
    settings = home / "inferwatch.yaml"
    settings.write_text(f"probe_budget_usd_per_day: 0.001\n{settings.read_text()}")

    assert "aurora/aurora-small (infer) every 24 min 58 s, not 5 min" in inferwatch("doctor").out


def test_a_reload_without_a_monitor_says_when_settings_are_read(
    inferwatch: Command, write_settings: WriteSettings, free_port: int
) -> None:
    write_settings()
    told = inferwatch("reload")

    assert (told.code, told.out) == (1, "")
    assert f"no monitor answers on port {free_port}; it reads them at its start" in told.err


def test_a_reload_of_a_file_with_a_mistake_says_which_and_what_holds_on(
    inferwatch: Command, home: Path
) -> None:
    (home / "inferwatch.yaml").write_text("colour: blue\n")
    told = inferwatch("reload")

    assert told.code == 1
    assert "a running monitor keeps those before\ninferwatch.yaml:1: colour: blue" in told.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("pause",), "give an ENDPOINT or PROVIDER, or --all"),
        (("pause", "aurora", "--all"), "give an ENDPOINT or PROVIDER, or --all"),
        (("pause", "nobody"), "'nobody' is not in the settings; these are: aurora/aurora-small"),
        (("pause", "aurora", "--until", "soon"), "--until 'soon' is no time; write it like 2h"),
        (("resume", "aurora"), "there is no ledger yet"),
    ],
)
def test_what_cannot_be_paused_or_resumed_says_why(
    inferwatch: Command, write_settings: WriteSettings, home: Path, words: tuple[str], says: str
) -> None:
    write_settings()
    (home / "inferwatch.db").unlink()
    told = inferwatch(*words)

    assert told.code != 0
    assert says in " ".join(told.err.replace("│", " ").split())


def test_status_counts_what_lies_in_quarantine(
    inferwatch: Command, write_settings: WriteSettings, home: Path
) -> None:
    write_settings()
    assert "Quarantine" not in inferwatch("status").out
    database = Database(f"sqlite:///{home / 'inferwatch.db'}")
    with database.writing() as session:
        quarantine.add(session, 1, "cached tokens are more than the prompt", "{}")
    database.close()

    assert "Quarantine: 1 told calls or usages contradict" in inferwatch("status").out
    assert json.loads(inferwatch("status", "--json").out)["quarantined"] == 1
