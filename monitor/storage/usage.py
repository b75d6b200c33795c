"""Usage: sums by bucket and by home day, of calls as they are written."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from monitor.domain.outcomes import RULINGS, Group, Outcome, Result
from monitor.domain.prices import CostState
from monitor.domain.usage import LEAVES, UsageState
from monitor.domain.windows import BUCKET_MS, day_of_bucket
from monitor.storage import codes, statements
from monitor.storage.calls import Written

if TYPE_CHECKING:
    from monitor.domain.calls import Origin

SUMS = (
    "n",
    "n_good",
    "n_bad",
    "n_excluded",
    "n_local",
    "n_wrong",
    "n_measured",
    "n_estimated",
    "n_missing",
    "n_reported",
    "n_computed",
    "n_unpriced",
    "n_no_usage",
    *LEAVES,
    "cost_nano_usd",
)
_KEYS = ("endpoint_id", "attribution_id", "origin")
_ADD_15M = statements.add_up("usage_15m", ("bucket", *_KEYS), SUMS)
_ADD_DAY = statements.add_up("usage_day", ("day", *_KEYS), SUMS)
_ORIGIN = codes.codes_of(codes.ORIGINS)
_NO_LEAVES = (0,) * len(LEAVES)

Sums = tuple[int, ...]


class Key(NamedTuple):
    """Whose usage, and when: `at` is a bucket or a day."""

    at: int
    endpoint_id: int
    attribution_id: int
    origin: int


def _counts(result: Result, usage: UsageState, cost: CostState) -> Sums:
    group = RULINGS[result].group
    outcomes = (1, *(group is g for g in Group), result is Outcome.WRONG_ANSWER)
    states = (*(usage is s for s in UsageState), *(cost is s for s in CostState))
    return tuple(int(is_so) for is_so in (*outcomes, *states))


_COUNTS = {
    combination: _counts(*combination) for combination in product(RULINGS, UsageState, CostState)
}


def add(session: Session, written: Iterable[Written], home_zone: ZoneInfo) -> None:
    """Add calls to the sums of their buckets and home days."""
    buckets = sum_up(written)
    _add_up(session, _ADD_15M, buckets)
    add_days(session, buckets, home_zone)


def add_days(session: Session, buckets: Mapping[Key, Sums], home_zone: ZoneInfo) -> None:
    """Add the sums of buckets to the home days that these lie in."""
    groups: defaultdict[Key, list[Sums]] = defaultdict(list)
    for key, row in buckets.items():
        groups[key._replace(at=day_of_bucket(key.at, home_zone))].append(row)
    _add_up(session, _ADD_DAY, {key: _added(rows) for key, rows in groups.items()})


def buckets(session: Session) -> Iterator[dict[Key, Sums]]:
    """The sums of all buckets, some thousand at a time."""
    columns = ", ".join(f'"{name}"' for name in ("bucket", *_KEYS, *SUMS))
    rows = session.connection().exec_driver_sql(f"SELECT {columns} FROM usage_15m")  # noqa: S608 -- names are ours
    width = len(_KEYS) + 1
    for part in rows.partitions(5_000):
        yield {Key(*row[:width]): tuple(row[width:]) for row in part}


def sum_up(written: Iterable[Written]) -> dict[Key, Sums]:
    """The sums of calls by the bucket of their start."""
    groups: defaultdict[tuple[int, int, int, Origin], list[Sums]] = defaultdict(list)
    for _, entry in written:
        call = entry.call
        cost_state, nano_usd, _ = entry.cost
        leaves = _NO_LEAVES if call.usage is None else call.usage
        counts = _COUNTS[call.outcome, call.usage_state, cost_state]
        key = call.started_ms // BUCKET_MS, entry.endpoint_id, entry.attribution_id, call.origin
        groups[key].append((*counts, *leaves, nano_usd or 0))
    return {
        Key(bucket, endpoint, attribution, _ORIGIN[origin]): _added(rows)
        for (bucket, endpoint, attribution, origin), rows in groups.items()
    }


def _add_up(session: Session, statement: str, sums: Mapping[Key, Sums]) -> None:
    if sums:
        rows = [(*key, *row) for key, row in sums.items()]
        session.connection().exec_driver_sql(statement, rows)


def _added(rows: list[Sums]) -> Sums:
    return tuple(map(sum, zip(*rows, strict=True)))
