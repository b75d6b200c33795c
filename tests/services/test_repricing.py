"""Calls priced anew, and back: sums move with them to the nano-dollar."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.calls import Call
from monitor.domain.prices import CostState, Rate
from monitor.domain.tiers import ServiceTier
from monitor.domain.usage import Usage, UsageState
from monitor.domain.windows import HOUR_MS, Window
from monitor.services import prices, repricing
from monitor.services.doctor import sums_agree
from monitor.services.prices import OwnPrice
from monitor.services.repricing import CannotUndo, Repricing, Scope, Undoing, preview
from monitor.storage.engine import Database
from tests.making import ENDPOINT, MONDAY_MS, OTHER, load_reference, open_database, record, request
from tests.services.test_replay import QUICK, dump

SUMMED = ("usage_15m", "usage_day")
TABLES = (*SUMMED, "call")
DAY_S = 86_400
ALWAYS = Window(0, MONDAY_MS + 30 * DAY_S * 1000)


def measured(at_s: float, endpoint: str = ENDPOINT.id) -> Call:
    """A call of a thousand tokens in and a hundred out."""
    used = Usage(input=1_000, output=100)
    return request(at_s, endpoint=endpoint, usage=used, usage_state=UsageState.MEASURED)


@contextmanager
def opened(recorded: Sequence[Call]) -> Iterator[Database]:
    """A ledger of calls to a priced endpoint and to an unpriced one."""
    with TemporaryDirectory() as folder:
        database = open_database(Path(folder), zone="America/St_Johns")
        record(database, recorded)
        yield database
        database.close()


def tell(database: Database, name: str, pico_usd: int, from_ms: int = MONDAY_MS) -> None:
    rates = Rate("input", pico_usd), Rate("output", 3 * pico_usd)
    batch = tuple(Rate(r.leaf, r.pico_usd // 2, service_tier=ServiceTier.BATCH) for r in rates)
    with database.writing() as session:
        prices.set_own(session, OwnPrice(name, (*rates, *batch), "x", from_ms), from_ms + pico_usd)


def scope(database: Database, *names: str, window: Window = ALWAYS) -> Scope:
    known = load_reference(database)
    return Scope(tuple(known.tariff(name).endpoint_id for name in names), window)


def run(database: Database, work: Repricing | Undoing) -> None:
    is_more = True
    while is_more:
        with database.writing() as session:
            is_more = work.step(session)


def apply(database: Database, *names: str, window: Window = ALWAYS) -> Repricing:
    work = Repricing(scope(database, *names, window=window), "alice", MONDAY_MS)
    run(database, work)
    return work


def disagreements(database: Database) -> list[object]:
    with database.reading() as session:
        return list(sums_agree(session))


def _use(tokens: int, written: int) -> Usage:
    return Usage(input=tokens, output=written)


@st.composite
def ledgers(draw: st.DrawFn) -> list[Call]:
    """Some days of calls, of every state of usage and cost."""
    made = []
    for _ in range(draw(st.integers(1, 12))):
        cost = draw(st.sampled_from([None, None, None, 5_000]))
        used = draw(st.none() | st.builds(_use, st.integers(0, 9), st.integers(0, 9)))
        made.append(
            request(
                draw(st.integers(0, 3 * DAY_S)),
                endpoint=draw(st.sampled_from([ENDPOINT.id, OTHER.id])),
                usage=used,
                usage_state=UsageState.MISSING if used is None else UsageState.MEASURED,
                cost_nano_usd=cost,
                cost_state=None if cost is None else CostState.REPORTED,
                service_tier=draw(st.sampled_from([None, ServiceTier.BATCH])),
            )
        )
    return made


@settings(max_examples=20, phases=QUICK)
@given(ledgers(), st.lists(st.sampled_from([ENDPOINT.id, OTHER.id]), min_size=1, max_size=3))
def test_sums_agree_after_each_repricing_and_undoing_all_leads_back(
    calls: list[Call], named: list[str]
) -> None:
    with opened(calls) as database:
        before, made = dump(database, TABLES), []
        for times, name in enumerate(named, start=1):
            tell(database, name, 1_000_000 * times)
            made.append(apply(database, ENDPOINT.id, OTHER.id))
            assert disagreements(database) == []
        for work in reversed(made):
            run(database, Undoing(work.id or 0, MONDAY_MS))
            assert disagreements(database) == []

        assert dump(database, TABLES) == before


def test_the_preview_is_what_is_done() -> None:
    calls = [measured(0), measured(DAY_S), measured(DAY_S, endpoint=OTHER.id)]
    with opened(calls) as database:
        tell(database, OTHER.id, 2_000_000)
        tell(database, ENDPOINT.id, 5_000_000)
        with database.reading() as session:
            shown = preview(session, scope(database, ENDPOINT.id, OTHER.id))
        done = apply(database, ENDPOINT.id, OTHER.id).difference

    assert [each.calls for each in shown.values()] == [1, 1, 1]
    assert (done.calls, done.newly_priced) == (3, 1)
    assert (done.before_nano_usd, done.after_nano_usd) == (7_000_000, 15_600_000)
    assert sum(each.after_nano_usd for each in shown.values()) == done.after_nano_usd


def test_only_the_window_is_priced_anew_and_a_second_time_changes_nothing() -> None:
    with opened([measured(0), measured(7_200)]) as database:
        tell(database, ENDPOINT.id, 5_000_000)
        window = Window(MONDAY_MS, MONDAY_MS + HOUR_MS)
        counts = [apply(database, ENDPOINT.id, window=window).difference.calls for _ in range(2)]

    assert counts == [1, 0]


def test_more_calls_than_one_step_takes_are_all_priced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repricing, "STEP_CALLS", 2)
    with opened([measured(t) for t in (0, 0, 0, 5, 5)]) as database:
        tell(database, ENDPOINT.id, 5_000_000)
        work = apply(database, ENDPOINT.id)
        undoing = Undoing(work.id or 0, MONDAY_MS)
        run(database, undoing)

        assert (work.difference.calls, undoing.difference.calls) == (5, 5)
        assert disagreements(database) == []


def test_what_another_repricing_lies_upon_is_undone_after_it() -> None:
    with opened([measured(0)]) as database:
        tell(database, ENDPOINT.id, 5_000_000)
        first = apply(database, ENDPOINT.id)
        tell(database, ENDPOINT.id, 6_000_000)
        second = apply(database, ENDPOINT.id)

        with pytest.raises(CannotUndo, match=f"undo {second.id} first"):
            run(database, Undoing(first.id or 0, MONDAY_MS))
        run(database, Undoing(second.id or 0, MONDAY_MS))
        run(database, Undoing(first.id or 0, MONDAY_MS))
        with pytest.raises(CannotUndo, match="undone already"):
            run(database, Undoing(first.id or 0, MONDAY_MS))


def test_a_repricing_that_is_not_there_cannot_be_undone() -> None:
    with opened([]) as database, pytest.raises(CannotUndo, match="there is no repricing 9"):
        run(database, Undoing(9, MONDAY_MS))
