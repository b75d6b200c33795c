import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient

from dashboard import ids
from dashboard.app import PAGES, create_app
from dashboard.live import Pulse
from dashboard.reads import Reads
from dashboard.shell import draw_page, layout
from monitor.domain.routes import Alerting
from monitor.domain.windows import HOUR_MS
from monitor.storage.engine import Database
from tests.dashboard.book import GOOD, Book, probe
from tests.dashboard.components import texts, walk
from tests.dashboard.conftest import settings_for

LOCAL = "http://127.0.0.1:8050"
WATCH = "https://watch.example.com"


@pytest.fixture
def client(book: Book) -> Iterator[TestClient]:
    settings = settings_for(book.database, is_demo=True)
    behind_proxy = replace(settings, alerts=Alerting(link=f"{WATCH}/"))
    app: Any = create_app(behind_proxy, book.database)
    with TestClient(app.server, base_url=LOCAL) as client:
        yield client


def test_every_callback_speaks_of_components_that_exist(book: Book) -> None:
    app: Any = create_app(settings_for(book.database), book.database)
    known = {getattr(each, "id", None) for each in walk(app.validation_layout)}
    named = {
        part["id"] for each in app._callback_list for part in (*each["inputs"], *each["state"])
    }
    outputs = {
        one.partition(".")[0]
        for each in app._callback_list
        for one in each["output"].strip(".").split("...")
        if one and not each["no_output"]
    }

    assert named | outputs <= known


def test_every_id_is_used(book: Book) -> None:
    app: Any = create_app(settings_for(book.database), book.database)
    known = {getattr(each, "id", None) for each in walk(app.validation_layout)}

    assert {value for name, value in vars(ids).items() if name.isupper()} <= known


def test_pages_of_two_dashboards_in_one_process_do_not_mix(book: Book, day: Book) -> None:
    empty: Any = create_app(settings_for(book.database), book.database)
    create_app(settings_for(day.database), day.database)
    with TestClient(empty.server, base_url=LOCAL) as client:
        drawn = client.get("/_dash-layout", headers={"Referer": f"{LOCAL}/"}).text

    assert "No endpoint is watched yet" in drawn


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_no_form_is_taken_for_json(client: TestClient, kind: str) -> None:
    sent = client.post("/_dash-update-component", content="{}", headers={"content-type": kind})

    assert sent.status_code == 415


def test_a_foreign_host_name_is_refused(client: TestClient) -> None:
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 421


@pytest.mark.parametrize(
    ("headers", "is_refused"),
    [
        ({}, False),
        ({"origin": LOCAL}, False),
        ({"origin": WATCH}, False),
        ({"sec-fetch-site": "same-origin"}, False),
        ({"origin": "https://evil.example"}, True),
        ({"origin": "http://127.0.0.1:9000"}, True),
        ({"origin": "null"}, True),
        ({"sec-fetch-site": "cross-site"}, True),
    ],
)
def test_only_our_own_pages_may_write(
    client: TestClient, headers: dict[str, str], *, is_refused: bool
) -> None:
    as_json = {"content-type": "application/json"} | headers
    sent = client.post("/_dash-update-component", content="nonsense", headers=as_json)

    assert (sent.status_code == 403) == is_refused


@pytest.mark.parametrize("host", ["localhost", "localhost:8050", "127.0.0.1:8050", "[::1]:8050"])
def test_this_host_answers_by_its_loopback_names(client: TestClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).text == "ok\n"


def test_readiness_is_told_while_the_database_can_be_read(client: TestClient) -> None:
    assert client.get("/readyz").text == "ok\n"


def test_an_unreadable_database_is_not_ready_and_says_why(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    app: Any = create_app(settings_for(database), database)
    with TestClient(app.server, base_url=LOCAL) as client:
        answer = client.get("/readyz")

    assert answer.status_code == 503
    assert "no such table" in answer.text


def test_utc_is_offered_once_by_whatever_name(book: Book) -> None:
    reads = Reads(book.database, ZoneInfo("Etc/UTC"))
    zones = [
        getattr(each, "data-set")
        for each in walk(layout(reads))
        if getattr(each, "data-set", "").startswith("zone=")
    ]

    assert zones == ["zone=Etc/UTC"]


def test_a_taken_port_is_named_with_the_remedy(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        path = tmp_path / "inferwatch.yaml"
        path.write_text(f"zone: UTC\nports: {{dashboard: {port}}}\nproviders: {{}}\n")
        run = subprocess.run(
            [sys.executable, "-m", "dashboard"],
            env={**os.environ, "INFERWATCH_SETTINGS": str(path)},
            capture_output=True,
            text=True,
            check=False,
        )

    assert run.returncode == 78, run.stderr
    assert f"port {port} on 127.0.0.1 is taken" in run.stderr
    assert "`ports: {dashboard: …}`" in run.stderr


def test_an_address_that_is_no_page_has_the_status_404(client: TestClient) -> None:
    assert client.get("/nowhere").status_code == 404


def test_a_page_may_run_no_script_but_ours(client: TestClient) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]

    assert "script-src 'self' 'sha256-" in policy
    assert "unsafe-eval" not in policy


def test_files_that_never_change_are_kept_for_ever(client: TestClient) -> None:
    index = client.get("/models").text
    [path] = [part for part in index.split('"') if part.startswith("/assets/table.js")]

    assert "immutable" in client.get(path).headers["Cache-Control"]
    assert client.get("/").headers["Cache-Control"] == "no-store"


def test_scripts_are_sent_compressed(client: TestClient) -> None:
    index = client.get("/").text
    [path] = [part for part in index.split('"') if "/dash_renderer." in part]

    assert client.get(path).headers["Content-Encoding"] == "gzip"


def test_the_api_is_not_described_to_strangers(client: TestClient) -> None:
    answers = [client.get(path) for path in ("/docs", "/redoc", "/openapi.json")]

    assert [answer.status_code for answer in answers] == [404] * 3


def test_demo_is_said_in_the_frame_of_every_page(client: TestClient) -> None:
    for path in ("/", "/models", "/calls"):
        frame = client.get("/_dash-layout", headers={"Referer": f"{LOCAL}{path}"}).text

        assert "iw-demo" in frame


def test_a_database_that_cannot_be_read_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "broken.db"
    path.write_bytes(b"this is no database, only some text that is long enough " * 40)
    reads = Reads(Database(f"sqlite:///{path}"), Book.home)
    said = texts(draw_page(reads, PAGES, "/", ""))

    assert "The database cannot be read" in said
    assert "inferwatch doctor" in said


def test_a_file_without_our_tables_is_explained(tmp_path: Path) -> None:
    reads = Reads(Database(f"sqlite:///{tmp_path / 'new.db'}"), Book.home)

    assert "no such table" in texts(draw_page(reads, PAGES, "/", ""))


def test_viewers_hear_of_a_change_and_of_nothing_else(book: Book) -> None:
    book.watch([GOOD], since_ms=book.now_ms - HOUR_MS)

    async def listen() -> list[str]:
        heard = []
        async with aclosing(Pulse(book.database).tokens()) as tokens:
            heard.append(await anext(tokens))
            waiting = asyncio.ensure_future(anext(tokens))
            await asyncio.sleep(0.1)
            assert not waiting.done()
            await asyncio.to_thread(book.record, [probe(GOOD, book.now_ms - 1_000)])
            heard.append(await asyncio.wait_for(waiting, 10))
        return heard

    assert len(set(asyncio.run(listen()))) == 2


def test_a_view_is_drawn_once_for_all_who_look_at_it(day_reads: Reads) -> None:
    drawn = []

    def draw(*_: object) -> int:
        drawn.append(1)
        return len(drawn)

    choice = day_reads.choice("?window=7d")

    assert [day_reads.drawn(draw, choice) for _ in range(3)] == [1, 1, 1]


def test_a_change_makes_a_view_be_drawn_anew(book: Book) -> None:
    book.watch([GOOD], since_ms=book.now_ms - HOUR_MS)
    reads = Reads(book.database, book.home)
    choice = reads.choice("")
    numbers = iter(range(10))

    def draw(*_: object) -> int:
        return next(numbers)

    before = reads.drawn(draw, choice)
    book.record([probe(GOOD, book.now_ms - 1_000)])

    assert (before, reads.drawn(draw, choice)) == (0, 1)
