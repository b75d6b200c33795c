"""Events reach the monitor once it is there, each at least once, and known again by its id."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.recorder import courier, flush, record
from monitor.recorder.courier import Courier
from monitor.recorder.place import read_place
from monitor.recorder.posting import Answer, Post
from monitor.recorder.spool import Spool
from tests.recorder.listener import Listener
from tests.recorder.program import ANSWER, URL

PROGRAM = Path(__file__).with_name("program.py")
ROOT = PROGRAM.parents[2]


def run(*words: str) -> str:
    """What the program prints that does these deeds."""
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(PROGRAM), *words],
        env=env, capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert not done.stderr
    return done.stdout


def call(times: int = 1) -> None:
    """Calls of this process."""
    answer = httpx.MockTransport(lambda _: httpx.Response(200, json=ANSWER))
    with record(httpx.Client(transport=answer)) as client:
        for _ in range(times):
            client.post(URL, json={"model": "m"})


def begin_anew(monkeypatch: pytest.MonkeyPatch) -> Courier:
    """The next program, as far as the recorder can tell."""
    following = Courier()
    monkeypatch.setattr(courier, "_courier", following)
    return following


def list_spooled(folder: Path) -> list[dict[str, Any]]:
    files = sorted(folder.glob("*.jsonl"))
    return [json.loads(line) for path in files for line in path.read_text().splitlines()]


def test_calls_of_a_time_without_a_monitor_are_all_there_once_afterwards(
    own_courier: Courier,
    one_listener: Listener,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    one_listener.forget()
    call(3)
    assert flush(30)
    own_courier.close(5)
    spooled = list_spooled(tmp_path / "spool")
    monkeypatch.setenv("INFERWATCH_URL", one_listener.url)
    following = begin_anew(monkeypatch)
    call()
    assert flush(30)
    following.close(5)

    assert [event["id"] for event in one_listener.events][:3] == [it["id"] for it in spooled]
    assert len({event["id"] for event in one_listener.events}) == 4
    assert not list((tmp_path / "spool").iterdir())


def test_a_monitor_that_is_back_is_told_by_the_program_that_missed_it(
    listener: Listener,
) -> None:
    listener.statuses, listener.headers = [503], {"Retry-After": "0"}
    call()
    assert flush(30)
    call()
    assert flush(30)

    assert len({event["id"] for event in listener.events}) == len(listener.events) == 2


def test_what_was_synced_survives_a_kill(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("INFERWATCH_URL", "http://127.0.0.1:9")
        run("call", "call", "flush", "die")
    call()
    flush(30)

    assert len({event["id"] for event in listener.events}) == 3


def test_a_program_that_ends_delivers_first_and_has_no_thread_before_a_call(
    listener: Listener,
) -> None:
    printed = run("threads", "call", "call", "threads")

    assert len(listener.events) == 2
    assert printed.split() == ["1", "2"]


def test_a_child_delivers_its_own_calls_and_none_of_its_parent(listener: Listener) -> None:
    run("call", "fork", "call")
    asked = [event["id"] for event in listener.events]

    assert len(set(asked)) == len(asked) == 2


def test_the_token_is_shown_and_the_source_named(listener: Listener) -> None:
    call()
    flush(30)

    assert listener.tokens == {"Bearer made-up"}
    assert listener.paths == {"/v1/usage?source=recorder"}


@pytest.mark.parametrize(
    ("status", "headers", "meaning"),
    [
        (200, {}, (Answer.TAKEN, None)),
        (503, {"Retry-After": "7"}, (Answer.AWAY, 7.0)),
        (503, {"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}, (Answer.AWAY, 0.0)),
        (500, {}, (Answer.AWAY, None)),
        (401, {}, (Answer.NOT_ALLOWED, None)),
        (413, {}, (Answer.TOO_LARGE, None)),
        (422, {}, (Answer.REFUSED, None)),
    ],
)
def test_an_answer_says_whether_and_when_to_ask_again(
    listener: Listener, status: int, headers: dict[str, str], meaning: tuple[Answer, float | None]
) -> None:
    listener.statuses, listener.headers = [status], headers

    assert Post(read_place())([{"id": "a"}]) == meaning


def test_a_batch_that_is_too_long_is_sent_in_halves(listener: Listener) -> None:
    listener.statuses = [413]
    call(4)
    flush(30)

    assert [len(batch) for batch in listener.batches] in ([2, 2], [1, 3], [3, 1])


def test_a_torn_line_is_left_out_and_a_full_spool_takes_no_more(tmp_path: Path) -> None:
    spool, sent = Spool(tmp_path, 60), list[Any]()

    def keep(batch: list[dict[str, Any]]) -> bool:
        sent.extend(batch)
        return True

    spool.append([{"id": number} for number in range(20)])
    spool.close()
    [path] = tmp_path.iterdir()
    assert path.stat().st_size <= 60
    path.write_bytes(path.read_bytes()[:-4])
    Spool(tmp_path, 60).drain_others(keep)

    assert sent == [{"id": number} for number in range(5)]


def test_a_file_of_a_living_process_is_left_to_it(tmp_path: Path) -> None:
    spool, sent = Spool(tmp_path, 60), list[Any]()

    def keep(batch: list[dict[str, Any]]) -> bool:
        sent.extend(batch)
        return True

    spool.append([{"id": 1}])
    assert Spool(tmp_path, 60).drain_others(keep)
    spool.close()

    assert not sent


def test_a_folder_that_cannot_be_written_is_told_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    spool = Spool(tmp_path / "file" / "spool", 60)
    spool.append([{"id": 1}])
    spool.append([{"id": 2}])

    assert len(caplog.messages) == 1
    assert "cannot be written" in caplog.text


def test_a_spool_is_for_its_owner_only(own_courier: Courier, tmp_path: Path) -> None:
    call()
    assert flush(30)
    own_courier.close(5)
    [path] = (tmp_path / "spool").iterdir()

    assert [oct(it.stat().st_mode)[-3:] for it in (path.parent, path)] == ["700", "600"]
