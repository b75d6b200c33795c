"""Oracle: the rollups of a seeded ledger, made by plain loops."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Insert, insert
from sqlalchemy.orm import Session

from monitor.domain.calls import Kind
from monitor.domain.health import Policy, State
from monitor.domain.histogram import Metric, encode
from monitor.domain.outcomes import RULINGS, Group, Outcome
from monitor.domain.usage import LEAVES
from monitor.domain.windows import BUCKET_MS, day_of
from monitor.storage.models.health import HealthRow, SliceRow
from monitor.storage.models.ledger import CallDetailRow, CallRow
from monitor.storage.models.rollups import (
    Failure15m,
    Health15m,
    HealthDay,
    Latency15m,
    LatencyDay,
    Usage15m,
    UsageDay,
)
from tests.storage.queries.seeds import Book, make_health, seed_names


def put(session: Session, statement: Insert, rows: list[dict[str, Any]]) -> None:
    """Insert rows, if there are any."""
    if rows:
        session.execute(statement, rows)


def write_book(session: Session, book: Book) -> None:
    """The ledger, and its rollups as plain loops make them."""
    seed_names(session, book.home, book.from_ms)
    put(session, insert(CallRow), book.calls)
    details = [
        {"call_id": c["id"], "started_ms": c["started_ms"], "connect_us": 100 * c["id"]}
        for c in book.calls
    ]
    put(session, insert(CallDetailRow), details)
    write_usage(session, book)
    write_failures(session, book)
    write_latency(session, book)
    write_health(session, book)


def write_usage(session: Session, book: Book) -> None:
    for table, name, place in (
        (Usage15m, "bucket", lambda ms: ms // BUCKET_MS),
        (UsageDay, "day", lambda ms: day_of(ms, book.home)),
    ):
        groups: defaultdict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
        for c in book.calls:
            key = (place(c["started_ms"]), c["endpoint_id"], c["attribution_id"], c["origin"])
            groups[key].append(c)
        names = (name, "endpoint_id", "attribution_id", "origin")
        rows = [
            dict(zip(names, key, strict=True)) | sum_calls(calls) for key, calls in groups.items()
        ]
        put(session, insert(table), rows)


def write_failures(session: Session, book: Book) -> None:
    counts: Counter[tuple[Any, ...]] = Counter()
    for c in book.calls:
        if RULINGS[c["outcome"]].group is not Group.GOOD:
            bucket = c["started_ms"] // BUCKET_MS
            counts[c["endpoint_id"], bucket, c["origin"], c["outcome"]] += 1
    names = ("endpoint_id", "bucket", "origin", "outcome")
    rows = [dict(zip(names, key, strict=True)) | {"n": n} for key, n in counts.items()]
    put(session, insert(Failure15m), rows)


def sum_calls(calls: Iterable[dict[str, Any]]) -> dict[str, int]:
    """What calls sum up to, column by column."""
    sums: Counter[str] = Counter()
    for c in calls:
        sums["n"] += 1
        sums[f"n_{RULINGS[c['outcome']].group}"] += 1
        sums["n_wrong"] += c["outcome"] is Outcome.WRONG_ANSWER
        sums[f"n_{c['usage_state']}"] += 1
        sums[f"n_{c['cost_state']}"] += 1
        for column in (*LEAVES, "cost_nano_usd"):
            sums[column] += c[column] or 0
    columns = [
        c.name for c in Usage15m.__table__.columns if c.name not in Usage15m.__table__.primary_key
    ]
    return {name: sums[name] for name in columns}


def list_values(book: Book, metric: Metric) -> list[tuple[dict[str, Any], float]]:
    """(call, value in units) of every good call that has one; for `METRICS`."""
    found: list[tuple[dict[str, Any], float]] = []
    for c in book.calls:
        if RULINGS[c["outcome"]].group is not Group.GOOD:
            continue
        if metric is Metric.OUTPUT_RATE and c["kind"] is Kind.INFER:
            continue
        # The id is how many units a call took to connect.
        if metric is Metric.CONNECT:
            found.append((c, c["id"]))
        elif metric is Metric.TOTAL:
            found.append((c, c["total_us"] / 100 - c["id"]))
        elif c["ttft_us"] is None:
            continue
        elif metric is Metric.TTFT:
            found.append((c, c["ttft_us"] / 100 - c["id"]))
        elif c["input"] is not None and c["total_us"] > c["ttft_us"]:
            tokens = c["output"] + c["reasoning"] + c["output_audio"] + c["output_image"]
            if tokens > 1:
                found.append((c, (tokens - 1) * 10_000_000 / (c["total_us"] - c["ttft_us"])))
    return found


def bin_slowly(units: float) -> int:
    """The bin of a value, by walking up the bins."""
    k, upper = 0, 1.0
    while units > upper and k < 159:
        k, upper = k + 1, upper * 21 / 19
    return k


METRICS = (Metric.CONNECT, Metric.TTFT, Metric.TOTAL, Metric.OUTPUT_RATE)


def write_latency(session: Session, book: Book) -> None:
    for table, name, place in (
        (Latency15m, "bucket", lambda ms: ms // BUCKET_MS),
        (LatencyDay, "day", lambda ms: day_of(ms, book.home)),
    ):
        bins: defaultdict[tuple[Any, ...], Counter[int]] = defaultdict(Counter)
        for metric in METRICS:
            for c, units in list_values(book, metric):
                key = (place(c["started_ms"]), c["endpoint_id"], c["origin"], metric)
                bins[key][bin_slowly(units)] += 1
        names = (name, "endpoint_id", "origin", "metric")
        put(
            session,
            insert(table),
            [
                dict(zip(names, key, strict=True)) | {"scheme": 1, "histogram": encode(histogram)}
                for key, histogram in bins.items()
            ],
        )


def write_health(session: Session, book: Book) -> None:
    """State rows, slices and their milliseconds, walked through a second at a time at the cuts."""
    for endpoint_id in sorted({each[0] for each in book.slices}):
        own = [each for each in book.slices if each[0] == endpoint_id]
        put(session, insert(HealthRow), [make_health(endpoint_id, own[0][1], own[-1][2])])
    rows = [
        {"endpoint_id": e, "policy": Policy.PROVIDER, "from_ms": start, "state": state}
        for e, start, _, state in book.slices
    ]
    put(session, insert(SliceRow), rows)
    _write_milliseconds(session, book)


def _write_milliseconds(session: Session, book: Book) -> None:
    buckets: Counter[tuple[int, int, State]] = Counter()
    for endpoint_id, start, end, state in book.slices:
        for bucket in range(start // BUCKET_MS, end // BUCKET_MS + 1):
            inside = min(end, (bucket + 1) * BUCKET_MS) - max(start, bucket * BUCKET_MS)
            buckets[bucket, endpoint_id, state] += inside
    days: Counter[tuple[int, int, State]] = Counter()
    for (bucket, endpoint_id, state), ms in buckets.items():
        days[day_of(bucket * BUCKET_MS, book.home), endpoint_id, state] += ms
    common = {"policy": Policy.PROVIDER, "in_maintenance": False}
    for table, name, sums in ((Health15m, "bucket", buckets), (HealthDay, "day", days)):
        rows = [
            {name: at, "endpoint_id": e, "state": state, "ms": ms, **common}
            for (at, e, state), ms in sums.items()
            if ms
        ]
        put(session, insert(table), rows)
