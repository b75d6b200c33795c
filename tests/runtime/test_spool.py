import resource
from pathlib import Path

from monitor.domain.calls import Attribution, Detail, Timings
from monitor.domain.outcomes import LocalFailure
from monitor.domain.prices import CostState
from monitor.domain.usage import Usage, UsageState
from monitor.runtime.spool import Spool
from tests.making import MONDAY_MS, probe

FULL = probe(
    0,
    LocalFailure.NETWORK_LOCAL,
    timings=Timings(0.1, 0.2, 0.3, 0.4, 0.5, 0.6),
    usage=Usage(input=3, searches=1),
    usage_state=UsageState.ESTIMATED,
    cost_nano_usd=4,
    cost_state=CostState.REPORTED,
    attribution=Attribution("search", None, "bot", "key-1"),
    gap_s=15.0,
    dedupe_key=b"0123456789abcdef",
    detail=Detail(excerpt="zero \0 byte\nline – ü", usage_reported={"n": 1}),
)


def opened(folder: Path, reserved_bytes: int = 100_000) -> Spool:
    return Spool(folder / "s", reserved_bytes)


def test_calls_come_back_as_they_went_in(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        spool.append([FULL, probe(300, dedupe_key=b"x")], MONDAY_MS)

    with opened(tmp_path) as again:
        back = again.read()
    assert back == [
        (MONDAY_MS, FULL),
        (MONDAY_MS, probe(300, dedupe_key=b"x")),
    ]


def test_each_call_is_given_a_key_so_that_it_cannot_be_written_twice(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        spool.append([probe(0), probe(0)], MONDAY_MS)
        keys = {call.dedupe_key for _, call in spool.read()}

    assert len(keys - {None}) == 2


def test_what_finds_no_room_is_counted_also_after_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path, 3_000) as spool:
        spool.append([probe(t) for t in range(20)], MONDAY_MS)

    with opened(tmp_path, 3_000) as again:
        assert (again.waiting + again.lost, again.lost > 0) == (20, True)
    assert (tmp_path / "s").stat().st_size == 3_000


def test_a_cleared_spool_is_empty_also_after_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        spool.append([probe(0)], MONDAY_MS)
        spool.clear()

    with opened(tmp_path) as again:
        assert again.waiting == 0


def test_a_line_that_was_cut_by_a_crash_is_left_out(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        spool.append([probe(0), probe(300)], MONDAY_MS)
    raw = (tmp_path / "s").read_bytes()
    end = raw.index(b"\0", 16)
    (tmp_path / "s").write_bytes(raw[: end - 20] + b"\0" * 20 + raw[end:])

    with opened(tmp_path) as again:
        assert again.waiting == 1


def test_a_disk_that_refuses_the_spool_is_counted_and_raises_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
        try:
            spool.append([probe(0)], MONDAY_MS)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        spool.append([probe(300)], MONDAY_MS)

        assert (spool.waiting, spool.lost) == (1, 1)


def test_a_damaged_line_is_left_out_and_counted(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        spool.append([probe(0), probe(300)], MONDAY_MS)
    raw = (tmp_path / "s").read_bytes()
    (tmp_path / "s").write_bytes(raw.replace(b"outcome", b"outc\xffme", 1))

    with opened(tmp_path) as again:
        assert len(again.read()) == 1
        again.clear()
        assert (again.waiting, again.lost) == (0, 1)


def test_a_spool_that_cannot_be_reserved_is_used_all_the_same(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        with opened(tmp_path) as spool:
            spool.append([probe(0)], MONDAY_MS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert spool.waiting == 1
