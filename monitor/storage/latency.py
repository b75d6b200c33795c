"""Latency: histograms by bucket and by home day, of good calls as they are written."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from monitor.domain.calls import Call, Kind, Origin, Timings
from monitor.domain.histogram import (
    LEFT_OUT,
    SCHEME,
    UNITS_PER_RATE,
    UNITS_PER_SECOND,
    Metric,
    count,
    decode,
    encode,
    merge,
)
from monitor.domain.outcomes import RULINGS, Group
from monitor.domain.windows import day_of_bucket
from monitor.storage import codes, statements
from monitor.storage.calls import Entry, Placed

_KEYS = ("endpoint_id", "origin", "metric")
_US_PER_SECOND = 1_000_000
_US_PER_UNIT = _US_PER_SECOND // UNITS_PER_SECOND
_RATE_UNITS = _US_PER_SECOND * UNITS_PER_RATE
_ORIGIN = codes.codes_of(codes.ORIGINS)
_METRIC = codes.codes_of(codes.METRICS)
_GOOD = frozenset(result for result, ruling in RULINGS.items() if ruling.group is Group.GOOD)

Histograms = Mapping["Key", Mapping[int, int]]


class Key(NamedTuple):
    """Whose values, of what, and when: `at` is a bucket or a day."""

    at: int
    endpoint_id: int
    origin: int
    metric: int


def add(session: Session, placed: Placed, home_zone: ZoneInfo) -> None:
    """Add the values of good calls to their buckets and home days."""
    buckets = sum_up(placed)
    _put(session, "latency_15m", "bucket", buckets)
    add_days(session, buckets, home_zone)


def exchange(session: Session, gone: Placed, come: Placed, home_zone: ZoneInfo) -> None:
    """Let the values of calls that are known otherwise now count as such."""
    before, after = sum_up(gone), sum_up(come)
    moved = {
        key: merge((after.get(key, {}), {k: -n for k, n in before.get(key, {}).items()}))
        for key in before | after
    }
    _put(session, "latency_15m", "bucket", moved)
    _drop_empty(session, "latency_15m", "bucket", moved)
    add_days(session, moved, home_zone)
    days = {key._replace(at=day_of_bucket(key.at, home_zone)) for key in moved}
    _drop_empty(session, "latency_day", "day", days)


def add_days(session: Session, buckets: Histograms, home_zone: ZoneInfo) -> None:
    """Add the histograms of buckets to the home days that these lie in."""
    days: defaultdict[Key, list[Mapping[int, int]]] = defaultdict(list)
    for key, histogram in buckets.items():
        days[key._replace(at=day_of_bucket(key.at, home_zone))].append(histogram)
    _put(session, "latency_day", "day", {key: merge(parts) for key, parts in days.items()})


def buckets(session: Session) -> Iterator[dict[Key, dict[int, int]]]:
    """The histograms of all buckets, some thousand at a time."""
    columns = ", ".join(("bucket", *_KEYS, "histogram"))
    chosen = f"SELECT {columns} FROM latency_15m"  # noqa: S608 -- names are ours
    for part in statements.stream(session, chosen, 5_000):
        yield {Key(*key): decode(blob) for *key, blob in part}


def sum_up(placed: Placed) -> dict[Key, Counter[int]]:
    """The histograms of good calls by the bucket of their start, whosever they are."""
    groups: defaultdict[tuple[int, int, Origin], list[Entry]] = defaultdict(list)
    for place, entries in placed.items():
        good = [entry for entry in entries if entry.call.outcome in _GOOD]
        groups[place.bucket, place.endpoint_id, place.origin].extend(good)
    return {
        Key(bucket, endpoint_id, _ORIGIN[origin], _METRIC[metric]): count(values)
        for (bucket, endpoint_id, origin), entries in groups.items()
        for metric, values in measures(entries)
        if values
    }


#: Of a call: microseconds until its connection stood, to its first token and in all; and the call.
Span = tuple[int, int | None, int | None, Call]


def measures(entries: Iterable[Entry]) -> Iterator[tuple[Metric, list[float]]]:
    """What was measured of calls, in units of 0.1 ms (0.1 token/s for the rate).

    Made from whole microseconds, as they stand in the ledger, so that a rebuild gives the same.
    """
    spans = [(_ready_us(e.call.timings), e.ttft_us, e.total_us, e.call) for e in entries]
    alike = _keep(spans, LEFT_OUT[Metric.TTFT])
    yield Metric.TTFT, [(us - ready) / _US_PER_UNIT for ready, us, _, _ in alike if us is not None]
    yield Metric.TOTAL, [(us - ready) / _US_PER_UNIT for ready, _, us, _ in alike if us is not None]
    told = _keep(spans, LEFT_OUT[Metric.OUTPUT_RATE])
    yield Metric.OUTPUT_RATE, [rate for _, a, b, call in told if (rate := _rate(a, b, call))]
    yield from _phases(spans, alike)


def _keep(spans: list[Span], left_out: frozenset[Kind]) -> list[Span]:
    kinds = {call.kind for _, _, _, call in spans}
    if kinds.isdisjoint(left_out):
        return spans
    return [span for span in spans if span[3].kind not in left_out]


def _phases(spans: list[Span], alike: list[Span]) -> Iterator[tuple[Metric, list[float]]]:
    timings = [t for _, _, _, call in spans if (t := call.timings).first_byte_s is not None]
    if not timings:
        return
    yield Metric.CONNECT, _units(t.connect_s for t in timings)
    yield Metric.TLS, _units(t.tls_s for t in timings)
    first_bytes = ((ready_us, call.timings.first_byte_s) for ready_us, _, _, call in alike)
    yield (
        Metric.FIRST_BYTE,
        [
            (round(first_s * _US_PER_SECOND) - ready_us) / _US_PER_UNIT
            for ready_us, first_s in first_bytes
            if first_s is not None
        ],
    )


def _ready_us(timings: Timings) -> int:
    """How long a call took until its connection stood: nothing on one that was kept."""
    if timings.connect_s is None:
        return 0
    return round(timings.connect_s * _US_PER_SECOND) + round((timings.tls_s or 0) * _US_PER_SECOND)


def _units(seconds: Iterable[float | None]) -> list[float]:
    return [round(s * _US_PER_SECOND) / _US_PER_UNIT for s in seconds if s is not None]


def _rate(ttft_us: int | None, total_us: int | None, call: Call) -> float:
    usage = call.usage
    if usage is None or ttft_us is None or total_us is None or total_us <= ttft_us:
        return 0
    tokens = usage.output_total
    return (tokens - 1) * _RATE_UNITS / (total_us - ttft_us) if tokens > 1 else 0


def _put(session: Session, table: str, at: str, added: Histograms) -> None:
    standing = _standing(session, table, at, added)
    rows = [
        (*key, SCHEME, encode(merge((old, histogram))))
        for (key, histogram), old in zip(added.items(), standing, strict=True)
    ]
    if rows:
        put = statements.replace(table, (at, *_KEYS), ("scheme", "histogram"))
        statements.run(session, put, rows)


def _drop_empty(session: Session, table: str, at: str, keys: Iterable[Key]) -> None:
    """Leave no bin without a value, and no histogram without bins."""
    told = list(keys)
    for key, standing in zip(told, _standing(session, table, at, told), strict=True):
        kept = encode({k: n for k, n in standing.items() if n})
        if kept:
            put = statements.change(table, (at, *_KEYS), ("histogram",))
            statements.run(session, put, (kept, *key))
        else:
            drop = statements.drop_empty(table, (at, *_KEYS), "scheme", str(SCHEME))
            statements.run(session, drop, tuple(key))


def _standing(
    session: Session, table: str, at: str, keys: Iterable[Key]
) -> Iterator[Mapping[int, int]]:
    chosen = statements.select_one(table, (at, *_KEYS), "histogram")
    for blob in statements.fetch_each(session, chosen, keys):
        yield {} if blob is None else decode(blob)
