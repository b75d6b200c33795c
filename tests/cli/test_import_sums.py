"""However calls are cut into files, and whoever brings them in, the ledger has each once."""

import asyncio
import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from monitor.api.app import create_app
from monitor.cli import import_sinks, importing
from monitor.cli.import_sinks import Sink
from monitor.cli.importing import Tally, Wish
from monitor.cli.monitoring import wind
from monitor.domain.windows import DAY_MS, Window
from monitor.imports import maps
from monitor.imports.maps import ColumnMap
from monitor.imports.reading import survey
from monitor.runtime.monitor import Monitor
from monitor.services import doctor
from monitor.storage.engine import Database
from monitor.storage.models.ledger import CallRow
from tests.monitors import SMALL, make_settings, with_monitor

HEAD = ("started_ms", "prompt_tokens", "id", "team")
MAP = maps.change(ColumnMap(), constants={"endpoint": SMALL})
NOON_MS = 1_772_452_800_000
EVER = Window(0, 2 * NOON_MS)
Row = tuple[int, int, str, str]


def write(path: Path, rows: Sequence[Row]) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([HEAD, *rows])
    return path


def bring_in(path: Path, sink: Sink) -> Tally:
    return importing.run(survey(path, MAP, ZoneInfo("UTC")), sink, Wish())


def sums(database: Database, within: Window = EVER) -> tuple[int, int, int]:
    """Calls, input tokens and nano-dollars of a time, with which all roll-ups agree."""
    with database.reading() as session:
        assert doctor.sums_agree(session, None if within is EVER else within) == []
        asked = select(
            func.count(), func.sum(CallRow.input), func.sum(CallRow.cost_nano_usd)
        ).where(CallRow.started_ms >= within.from_ms, CallRow.started_ms < within.to_ms)
        calls, tokens, cost = session.execute(asked).one()
        return calls, tokens or 0, cost or 0


def expected(rows: Sequence[Row]) -> tuple[int, int, int]:
    tokens = sum(row[1] for row in rows)
    return len(rows), tokens, 150 * tokens


#: Minutes, counts and teams of calls, so few that many are equal.
CALLS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 3), st.sampled_from(["", "search"])),
    min_size=1,
    max_size=14,
)


@pytest.fixture(scope="module")
def ledger() -> Iterator[tuple[Sink, Database, Path]]:
    """A ledger that stays; each example has a day of its own."""
    with TemporaryDirectory() as folder:
        ours = make_settings(Path(folder), "http://127.0.0.1:1/v1")
        with (
            closing(Database(ours.database_url)) as database,
            import_sinks.by_itself(ours, database) as sink,
        ):
            yield sink, database, Path(folder)


#: Not neighbours: an id of the day next door is the same call, dated twice.
DAYS = count(2, 3)


@settings(max_examples=15)
@given(CALLS, st.data())
def test_any_cut_into_files_by_time_in_any_order_with_repeats_gives_the_same_sums(
    ledger: tuple[Sink, Database, Path], told: list[tuple[int, int, str]], data: st.DataObject
) -> None:
    sink, database, folder = ledger
    day_ms = NOON_MS - DAY_MS * next(DAYS)
    calls: list[Row] = [  # every third has an id of its own
        (day_ms + 60_000 * minute, tokens, f"job-{n}" if n % 3 == 0 else "", team)
        for n, (minute, tokens, team) in enumerate(told)
    ]
    instants = sorted({row[0] for row in calls})
    cuts = data.draw(st.lists(st.sets(st.sampled_from(instants)), max_size=4))
    files = [[row for row in calls if row[0] in each] for each in cuts] + [calls]

    for each in data.draw(st.permutations(files)):
        bring_in(write(folder / "calls.csv", data.draw(st.permutations(each))), sink)
    assert sums(database, Window(day_ms, day_ms + DAY_MS // 2)) == expected(calls)


def test_two_imports_of_overlapping_files_at_once_through_the_monitor_count_each_call_once(
    tmp_path: Path,
) -> None:
    rows = [(NOON_MS + n // 3, n // 3 % 7, "", "search") for n in range(3_000)]
    files = [
        write(tmp_path / "first.csv", rows[:2_200]),
        write(tmp_path / "second.csv", rows[800:]),
    ]

    async def use(monitor: Monitor) -> list[Tally]:
        _, sources = wind(monitor)
        server = uvicorn.Server(
            uvicorn.Config(create_app(sources), port=0, log_config=None, lifespan="off")
        )
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 -- uvicorn tells it no other way
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        with import_sinks.by_monitor(port, monitor.database) as sink:
            telling = [asyncio.to_thread(bring_in, each, sink) for each in files]
            done = await asyncio.gather(*telling)
        server.should_exit = True
        await serving
        return done

    ours = make_settings(tmp_path, "http://127.0.0.1:1/v1")
    done = asyncio.run(with_monitor(ours, use))
    database = Database(ours.database_url)

    assert (sums(database), sum(each.bad for each in done)) == (expected(rows), 0)
    assert sum(each.counts["recorded"] for each in done) == 3_000
    database.close()


def test_an_import_that_is_killed_and_run_again_gives_the_sums_of_one_run(tmp_path: Path) -> None:
    rows = [(NOON_MS + n // 3, n // 3 % 7, "", "search") for n in range(5_000)]
    write(tmp_path / "calls.csv", rows)
    ours = make_settings(tmp_path, "http://127.0.0.1:1/v1")
    _write_settings(ours.path)
    database = Database(ours.database_url)

    first = _start(ours.path)
    while _count(database) < 1_000:
        assert first.poll() is None, "it was over before it was killed"
        time.sleep(0.01)
    first.send_signal(signal.SIGKILL)
    first.wait()
    partly = _count(database)
    again = _start(ours.path)

    assert (partly < 5_000, again.wait(60)) == (True, 0)
    assert sums(database) == expected(rows)
    database.close()


def _count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(CallRow)) or 0


def _write_settings(path: Path) -> None:
    path.write_text(
        "zone: UTC\nports: {monitor: 1}\nproviders:\n  aurora:\n    base_url: http://127.0.0.1:1/v1\n"
        "    key: ${AURORA_KEY}\n    models:\n"
        "      - {name: aurora-small, price: {input: 0.15, output: 0.60}}\n",
        encoding="utf-8",
    )


def _start(path: Path) -> subprocess.Popen[bytes]:
    words = ("import", str(path.with_name("calls.csv")), "--endpoint", SMALL)
    return subprocess.Popen(
        [sys.executable, "-m", "monitor.cli", *words],
        env={**os.environ, "INFERWATCH_SETTINGS": str(path), "AURORA_KEY": "sk-simulated-demo"},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
