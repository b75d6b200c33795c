import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from monitor.domain.usage import LEAVES
from monitor.runtime.lease import WriterLease
from monitor.storage.engine import Database
from tests.cli.conftest import Command

CANARY = "sk-canary-0123456789abcdef"
WriteSettings = Callable[..., None]
FIELDS = {
    "outcome",
    "blame",
    "http_status",
    "provider_code",
    "phase",
    "timings_s",
    "usage",
    "usage_state",
    "cost_nano_usd",
    "cost_state",
    "request_id",
}


def test_a_good_endpoint_is_shown_with_phases_tokens_and_cost(
    inferwatch: Command, write_settings: WriteSettings
) -> None:
    write_settings()
    told = inferwatch("check", "aurora/aurora-small")

    assert (told.code, told.err) == (0, "")
    for what in ("verdict", "first token (TTFT)", "input tokens", "output tokens", "cost", "ok"):
        assert what in told.out


def test_json_has_the_promised_fields(inferwatch: Command, write_settings: WriteSettings) -> None:
    write_settings()
    found = json.loads(inferwatch("check", "aurora/aurora-small", "--json").out)

    assert found.keys() >= FIELDS
    assert found["timings_s"].keys() == {"connect", "tls", "first_byte", "ttft", "total"}
    assert found["usage"].keys() == set(LEAVES)
    assert (found["outcome"], found["blame"], found["http_status"]) == ("ok", "nobody", 200)


def test_the_cost_is_the_usage_at_the_settings_price(
    inferwatch: Command, write_settings: WriteSettings
) -> None:
    write_settings()
    found = json.loads(inferwatch("check", "aurora/aurora-small", "--json").out)
    usage = found["usage"]
    taken = usage["input"] + usage["cache_read"]

    assert found["cost_state"] == "computed"
    assert found["cost_nano_usd"] == taken * 150 + (usage["output"] + usage["reasoning"]) * 600


def test_a_check_is_recorded(inferwatch: Command, write_settings: WriteSettings) -> None:
    write_settings()
    inferwatch("check", "aurora/aurora-small")
    status = json.loads(inferwatch("status", "--json").out)

    assert [(e["id"], e["n_24h"]) for e in status["endpoints"]] == [("aurora/aurora-small", 1)]


def test_without_a_name_all_endpoints_are_checked(
    inferwatch: Command, write_settings: WriteSettings
) -> None:
    write_settings()
    found = json.loads(inferwatch("check", "--json").out)

    assert [f["endpoint"] for f in found] == ["aurora/aurora-small"]


def test_a_refused_key_ends_in_1_and_is_not_shown(
    inferwatch: Command, write_settings: WriteSettings
) -> None:
    write_settings(key=CANARY)
    told, as_json = inferwatch("check"), inferwatch("check", "--json")

    assert (told.code, as_json.code) == (1, 1)
    assert "auth (account)" in told.out
    assert CANARY not in told.out + told.err + as_json.out + as_json.err


def test_while_another_process_writes_the_verdict_is_given_all_the_same(
    inferwatch: Command, write_settings: WriteSettings, home: Path
) -> None:
    write_settings()
    database = Database(f"sqlite:///{home}/inferwatch.db")
    lease = WriterLease(database)
    lease.acquire(0)
    told = inferwatch("check", "aurora/aurora-small", "--json")
    lease.release()
    database.close()

    assert told.code == 0
    assert "not recorded" in told.err
    assert json.loads(told.out)["outcome"] == "ok"


def test_an_unknown_endpoint_is_refused_with_those_that_are_known(
    inferwatch: Command, write_settings: WriteSettings
) -> None:
    write_settings()
    told = inferwatch("check", "openai/gpt-4o")

    assert (told.code, told.out) == (2, "")
    assert "these are: aurora/aurora-small" in told.err


def test_what_is_in_no_settings_is_probed_and_not_recorded(
    inferwatch: Command, home: Path, simulator_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "sk-simulated-demo")
    url = f"{simulator_url}/aurora/v1"
    told = inferwatch(
        "check", "--url", url, "--model", "aurora-small", "--key-env", "MY_KEY", "--json"
    )
    found = json.loads(told.out)

    assert (told.code, found["outcome"], found["cost_state"]) == (0, "ok", "unpriced")
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--url", "http://127.0.0.1:1"), "--url and --model go together"),
        (("x", "--url", "http://127.0.0.1:1", "--model", "x"), "without an ENDPOINT"),
        (("--url", "ftp://a", "--model", "x"), "--url is no http(s) URL"),
        (("--url", "http://a", "--model", "x", "--flavour", "y"), "'y' is not spoken"),
        (("--url", "http://a", "--model", "x", "--key-env", "GONE"), "GONE is not set"),
        (("a/b",), "there is no such file; run `inferwatch init`"),
    ],
)
def test_misuse_is_told_in_a_line_and_ends_in_2(
    inferwatch: Command, words: tuple[str, ...], text: str
) -> None:
    told = inferwatch("check", *words)

    assert (told.code, told.out) == (2, "")
    assert text in " ".join(told.err.split())


def test_nobody_there_is_a_verdict(inferwatch: Command, free_port: int) -> None:
    told = inferwatch("check", "--url", f"http://127.0.0.1:{free_port}/v1", "--model", "x")

    assert told.code == 1
    assert "tcp refused (network)" in told.out


ANSWER: dict[str, Any] = {
    "endpoint": "aurora/aurora-small",
    "outcome": "ok",
    "blame": "nobody",
    "timings_s": {},
    "usage": None,
}


@contextmanager
def monitor(status: int, answer: dict[str, Any]) -> Iterator[tuple[int, list[Any]]]:
    """A monitor that answers checks so, and the bodies that it was sent."""
    bodies: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(200, {"status": "ok"})

        def do_POST(self) -> None:
            bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self._answer(status, answer)

        def _answer(self, code: int, body: dict[str, Any]) -> None:
            self.send_response(code)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1], bodies
        server.shutdown()
        thread.join()


def test_a_running_monitor_makes_the_probe(
    inferwatch: Command, write_settings: WriteSettings
) -> None:
    with monitor(201, ANSWER) as (port, bodies):
        write_settings(monitor_port=port)
        told = inferwatch("check", "aurora/aurora-small", "--json")

    assert (told.code, json.loads(told.out)) == (0, ANSWER)
    assert bodies == [{"endpoint": "aurora/aurora-small"}]


def test_what_the_monitor_does_not_watch_is_probed_here(
    inferwatch: Command, write_settings: WriteSettings
) -> None:
    with monitor(404, {"error": "endpoint is not watched"}) as (port, _):
        write_settings(monitor_port=port)
        told = inferwatch("check", "aurora/aurora-small", "--json")

    assert (told.code, json.loads(told.out)["outcome"]) == (0, "ok")


def test_a_monitor_that_refuses_is_told_with_its_reason(
    inferwatch: Command, write_settings: WriteSettings
) -> None:
    with monitor(503, {"error": "the disk is full"}) as (port, _):
        write_settings(monitor_port=port)
        told = inferwatch("check", "aurora/aurora-small")

    assert told.code == 1
    assert "refused (503): the disk is full" in told.err


def test_a_dry_run_shows_each_probe_with_its_cost_and_sends_nothing(
    inferwatch: Command, write_settings: WriteSettings, home: Path
) -> None:
    write_settings()
    told = inferwatch("check", "--dry-run")

    assert told.code == 0
    assert all(word in told.out for word in ("infer", "performance", "5 min", "3 h", "$0.0000156"))
    assert "All probes: $0.00646 of $1.00 a day" in told.out
    with closing(sqlite3.connect(home / "inferwatch.db")) as database:
        assert database.execute("SELECT count(*) FROM call").fetchone() == (0,)


def test_a_dry_run_tells_that_a_sum_is_not_the_whole(
    inferwatch: Command, write_settings: WriteSettings, home: Path
) -> None:
    write_settings()
    (home / "inferwatch.yaml").write_text(
        "probe_unpriced: true\nproviders:\n  acme:\n"
        "    base_url: https://api.acme.example/v1\n    models: [acme-1]\n"
    )
    told = inferwatch("check", "--dry-run")

    assert "acme: $0 a day, and what 2 of unknown price cost" in told.out
    assert "All probes: $0 of $1.00 a day, and what 2 of unknown price cost" in told.out


def test_a_dry_run_as_json_says_what_is_stretched_and_what_is_refused(
    inferwatch: Command, write_settings: WriteSettings, home: Path
) -> None:
    write_settings()
    settings = home / "inferwatch.yaml"
    settings.write_text(f"probe_budget_usd_per_day: 0.001\n{settings.read_text()}")
    told = json.loads(inferwatch("check", "aurora/aurora-small", "--dry-run", "--json").out)

    assert [(p["kind"], p["pace"], p["interval_s"]) for p in told["probes"]] == [
        ("infer", "stretched", 1498.0),
        ("performance", "too_dear", None),
    ]
    assert told["day_nano_usd"] <= told["budget_nano_usd"] == 1_000_000


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--dry-run", "--url", "http://a", "--model", "x"), "--dry-run is for the settings"),
        (("--dry-run", "a/b"), "endpoint 'a/b' is not in"),
    ],
)
def test_a_dry_run_of_what_is_not_in_the_settings_is_misuse(
    inferwatch: Command, write_settings: WriteSettings, words: tuple[str, ...], text: str
) -> None:
    write_settings()
    told = inferwatch("check", *words)

    assert told.code == 2
    assert text in " ".join(told.err.split())
