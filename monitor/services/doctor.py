"""Doctor: whether the rollups hold what the ledger says.

Reads one home day at a time, so its memory hangs on a day and not on the ledger.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from monitor.domain.histogram import Metric
from monitor.domain.windows import BUCKET_MS, Window, bucket_start_ms, day_of, day_window, moment
from monitor.storage import facts
from monitor.storage.engine import Session
from monitor.storage.models.rollups import (
    Failure15m,
    Health15m,
    HealthDay,
    Latency15m,
    LatencyDay,
    TagDay,
    Usage15m,
    UsageDay,
    UserDay,
)
from monitor.storage.people import TagKey, UserKey
from monitor.storage.queries import ledger_sums, people_sums, rollup_sums
from monitor.storage.queries.ledger_sums import FailureKey, HealthKey, LatencyKey, UsageKey
from monitor.storage.queries.measures import IN_DETAIL
from monitor.storage.queries.rollup_sums import Extent
from monitor.storage.queries.totals import SUMS

#: Enough to see what is wrong; a rebuild mends them all.
MAX_DISAGREEMENTS = 100

_DAY_TABLES = {row.__tablename__ for row in (UsageDay, LatencyDay, HealthDay, UserDay, TagDay)}
_UTC = ZoneInfo("UTC")

Key = TypeVar("Key", UsageKey, LatencyKey, HealthKey, FailureKey, UserKey, TagKey)
Timed = TypeVar("Timed", UsageKey, LatencyKey, HealthKey)
AnyKey = UsageKey | LatencyKey | HealthKey | FailureKey | UserKey | TagKey
Single = TypeVar("Single", HealthKey, FailureKey)
Named = TypeVar("Named", UserKey, TagKey)
Row = Sequence[int]
Sums = Mapping[Key, Row]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One number of a rollup that is not what its calls (or slices) sum up to.

    `key` names the row, with the start of its bucket (UTC) or its home day; `column` names the
    number. A row that is not there counts as zeros.
    """

    table: str
    key: str
    column: str
    ledger: int
    rollup: int


class Day(NamedTuple):
    """One home day, its window and its buckets."""

    day: int
    window: Window
    buckets: range

    @property
    def days(self) -> range:
        """The day as a run of one."""
        return range(self.day, self.day + 1)


def sums_agree(session: Session, window: Window | None = None) -> list[Disagreement]:
    """What does not agree from the start of the ledger on, oldest first; empty where all does.

    At most `MAX_DISAGREEMENTS`; of the home days that a window meets, where one is given.
    """
    return list(islice(_disagreements(session, window), MAX_DISAGREEMENTS))


def _disagreements(session: Session, window: Window | None) -> Iterator[Disagreement]:
    extent = rollup_sums.extent(session)
    if extent is None:
        return
    for day in _days(session, extent):
        if window is not None and not day.window.clip(window.from_ms, window.to_ms).length_ms:
            continue
        yield from _compare_usage(session, day)
        yield from _compare_people(session, day)
        yield from _compare_failures(session, day)
        yield from _compare_latency(session, day, extent)
        yield from _compare_health(session, day)


def _days(session: Session, extent: Extent) -> Iterator[Day]:
    zone = facts.home_zone(session)
    first = max(facts.ledger_from_day(session), day_of(extent.first_ms, zone))
    for day in range(first, day_of(extent.last_ms, zone) + 1):
        window = day_window(day, zone)
        yield Day(day, window, range(window.from_ms // BUCKET_MS, window.to_ms // BUCKET_MS))


def _compare_usage(session: Session, day: Day) -> Iterator[Disagreement]:
    ledger = ledger_sums.usage(session, day.window)
    in_buckets = rollup_sums.usage(session, Usage15m, day.buckets)
    on_day = rollup_sums.usage(session, UsageDay, day.days)
    yield from _compare(Usage15m.__tablename__, SUMS, ledger, in_buckets)
    yield from _compare(UsageDay.__tablename__, SUMS, _by_day(ledger, day), on_day)


def _compare_people(session: Session, day: Day) -> Iterator[Disagreement]:
    """Only while the details are kept that say who called; older days are kept truth."""
    if day.day < facts.details_from_day(session):
        return
    ledger = people_sums.of_calls(session, day.day, day.window)
    on_day = dict(people_sums.of_rows(session, day.day))
    yield from _compare(UserDay.__tablename__, SUMS, _of(UserKey, ledger), _of(UserKey, on_day))
    yield from _compare(TagDay.__tablename__, SUMS, _of(TagKey, ledger), _of(TagKey, on_day))


def _of(kind: type[Named], sums: Mapping[UserKey | TagKey, Row]) -> dict[Named, Row]:
    return {key: row for key, row in sums.items() if isinstance(key, kind)}


def _compare_failures(session: Session, day: Day) -> Iterator[Disagreement]:
    ledger = _single(ledger_sums.failures(session, day.window))
    in_buckets = _single(rollup_sums.failures(session, day.buckets))
    yield from _compare(Failure15m.__tablename__, ("n",), ledger, in_buckets)


def _compare_latency(session: Session, day: Day, extent: Extent) -> Iterator[Disagreement]:
    metrics = _metrics(day, extent)
    ledger = _counted(ledger_sums.latency(session, day.window), metrics)
    on_day = _counted(rollup_sums.latency(session, LatencyDay, day.days), metrics)
    if extent.latency_from_ms is not None and extent.latency_from_ms < day.window.to_ms:
        kept = {k: n for k, n in ledger.items() if k.at * BUCKET_MS >= extent.latency_from_ms}
        in_buckets = _counted(rollup_sums.latency(session, Latency15m, day.buckets), metrics)
        yield from _compare(Latency15m.__tablename__, ("n",), kept, in_buckets)
    yield from _compare(LatencyDay.__tablename__, ("n",), _by_day(ledger, day), on_day)


def _metrics(day: Day, extent: Extent) -> frozenset[Metric]:
    """The metrics whose calls are all still known: details are kept for less time."""
    from_ms, is_first = extent.detail_from_ms, day.window.from_ms <= extent.first_ms
    whole_from_ms = day.window.to_ms if is_first else day.window.from_ms
    is_whole = from_ms is not None and from_ms < whole_from_ms
    return frozenset(Metric) if is_whole else frozenset(Metric) - IN_DETAIL


def _counted(
    counts: Mapping[LatencyKey, int], metrics: frozenset[Metric]
) -> dict[LatencyKey, tuple[int]]:
    return {key: (n,) for key, n in counts.items() if key.metric in metrics}


def _compare_health(session: Session, day: Day) -> Iterator[Disagreement]:
    ledger = _single(ledger_sums.health(session, day.window))
    in_buckets = _single(rollup_sums.health(session, Health15m, day.buckets))
    on_day = _single(rollup_sums.health(session, HealthDay, day.days))
    yield from _compare(Health15m.__tablename__, ("ms",), ledger, in_buckets)
    yield from _compare(HealthDay.__tablename__, ("ms",), _by_day(ledger, day), on_day)


def _single(sums: Mapping[Single, int]) -> dict[Single, tuple[int]]:
    return {key: (number,) for key, number in sums.items()}


def _by_day(sums: Mapping[Timed, Row], day: Day) -> dict[Timed, Row]:
    added: dict[Timed, Row] = {}
    for key, row in sums.items():
        on_day = key._replace(at=day.day)
        known = added.get(on_day)
        added[on_day] = row if known is None else [a + b for a, b in zip(known, row, strict=True)]
    return added


def _compare(
    table: str, columns: Iterable[str], ledger: Sums[Key], rollup: Sums[Key]
) -> Iterator[Disagreement]:
    columns = tuple(columns)
    nothing = (0,) * len(columns)
    for key in sorted(ledger.keys() | rollup.keys()):
        pairs = zip(columns, ledger.get(key, nothing), rollup.get(key, nothing), strict=True)
        for column, said, held in pairs:
            if said != held:
                yield Disagreement(table, _name(table, key), column, said, held)


def _name(table: str, key: AnyKey) -> str:
    at, *rest = key._asdict().items()
    names = [f"{n} {each.hex() if isinstance(each, bytes) else each}" for n, each in rest]
    return ", ".join([_name_time(table, at[1]), *names])


def _name_time(table: str, at: int) -> str:
    if table in _DAY_TABLES:
        return date.fromordinal(at).isoformat()
    return moment(bucket_start_ms(at), _UTC).isoformat(timespec="minutes")
