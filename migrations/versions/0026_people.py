"""Usage of end users and tags by home day, made from the calls whose details stand.

Revision ID: 0026
Revises: 0025
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

Key = tuple[Any, ...]

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LEAVES = (
    "input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "cache_write",
    "output",
    "reasoning",
    "input_audio",
    "cache_read_audio",
    "output_audio",
    "input_image",
    "output_image",
    "images",
    "requests",
    "searches",
)
#: The codes of outcomes, and of how usage and cost are known, as they were at this revision.
COUNTED = {
    "n_good": ("outcome", (1, 2)),
    "n_bad": ("outcome", (20, 21, 22, 23, 24, 30, 31, 32, 33, 34, 35)),
    "n_excluded": ("outcome", (10, 11, 12, 13, 14, 40, 41, 42, 50)),
    "n_local": ("outcome", (60, 61)),
    "n_wrong": ("outcome", (2,)),
    "n_measured": ("usage_state", (1,)),
    "n_estimated": ("usage_state", (2,)),
    "n_missing": ("usage_state", (3,)),
    "n_reported": ("cost_state", (1,)),
    "n_computed": ("cost_state", (2,)),
    "n_unpriced": ("cost_state", (3,)),
    "n_no_usage": ("cost_state", (4,)),
}
SUMS = ("n", *COUNTED, *LEAVES, "cost_nano_usd")
WHOSE = ("endpoint_id", "attribution_id", "origin")
FACT = sa.table("fact", sa.column("name"), sa.column("value"))
#: Days are whole quarter-hours in every zone.
BUCKET_MS = 900_000
ROWS_AT_ONCE = 500

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Create both tables, and sum up who called as far as that is kept."""
    _create("user_day", sa.Column("user_hash", sa.LargeBinary(), nullable=False))
    _create("tag_day", sa.Column("tag", sa.String(), nullable=False))
    zone = _home_zone()

    def day_of(row: Key) -> int:
        at_s = row[0] * BUCKET_MS // 1000
        return datetime.fromtimestamp(at_s, UTC).astimezone(zone).toordinal()

    _state_beginning()
    for day, rows in groupby(_groups(), key=day_of):
        _sum_up(day, rows)


def _create(name: str, whose: sa.Column[Any]) -> None:
    keys = ("day", whose.name, *WHOSE)
    op.create_table(
        name,
        sa.Column("day", BIG, nullable=False),
        whose,
        sa.Column("endpoint_id", BIG, nullable=False),
        sa.Column("attribution_id", BIG, nullable=False),
        sa.Column("origin", sa.SmallInteger(), nullable=False),
        *(sa.Column(each, BIG, nullable=False) for each in SUMS),
        sa.PrimaryKeyConstraint(*keys),
        sqlite_with_rowid=False,
    )


def _home_zone() -> ZoneInfo:
    chosen = sa.select(FACT.c.value).where(FACT.c.name == "home_zone")
    return ZoneInfo(op.get_bind().scalar(chosen) or "UTC")


def _state_beginning() -> None:
    """Who called before this day is known of some calls alone."""
    boundaries = FACT.c.name.in_(("ledger_from_day", "details_from_day"))
    days = op.get_bind().scalars(sa.select(FACT.c.value).where(boundaries)).all()
    if days:
        day = str(max(map(int, days)))
        op.execute(sa.insert(FACT).values(name="people_from_day", value=day))


def _groups() -> Iterator[Key]:
    """Sums of calls of one bucket, user, set of tags and attribution, in the order of buckets."""
    names = ("id", "started_ms", *WHOSE, "outcome", "usage_state", "cost_state", *LEAVES)
    call = sa.table("call", *map(sa.column, (*names, "cost_nano_usd")))
    detail = sa.table("call_detail", *map(sa.column, ("call_id", "user_hash", "tags")))
    told = sa.cast(detail.c.tags, sa.Text)
    bucket = call.c.started_ms // BUCKET_MS
    keys = (bucket, detail.c.user_hash, told, *(call.c[each] for each in WHOSE))
    counts = (
        sa.func.sum(sa.case((call.c[of].in_(codes), 1), else_=0)) for of, codes in COUNTED.values()
    )
    sums = (sa.func.coalesce(sa.func.sum(call.c[each]), 0) for each in (*LEAVES, "cost_nano_usd"))
    chosen = (
        sa.select(*keys, sa.func.count(), *counts, *sums)
        .join(detail, detail.c.call_id == call.c.id)
        .where(sa.or_(detail.c.user_hash.is_not(None), told.is_not(None)))
        .group_by(*keys)
        .order_by(bucket)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    yield from map(tuple, op.get_bind().execute(chosen))


def _sum_up(day: int, rows: Iterable[Key]) -> None:
    """Write a day."""
    users: defaultdict[Key, list[int]] = defaultdict(lambda: [0] * len(SUMS))
    tags: defaultdict[Key, list[int]] = defaultdict(lambda: [0] * len(SUMS))
    for _, user_hash, told, *rest in rows:
        whose, sums = rest[: len(WHOSE)], rest[len(WHOSE) :]
        if user_hash is not None:
            _add(users[day, user_hash, *whose], sums)
        for tag in _tags(told):
            _add(tags[day, tag, *whose], sums)
    _write("user_day", "user_hash", users)
    _write("tag_day", "tag", tags)


def _tags(told: str | None) -> list[str]:
    """`name=value` of each tag, a backslash before `=` and backslash in the name; "" for any."""
    named = json.loads(told) if told else None
    if not named:
        return []
    marked = {name: name.replace("\\", "\\\\").replace("=", "\\=") for name in named}
    return ["", *(f"{marked[name]}={value}" for name, value in named.items())]


def _add(known: list[int], sums: list[int]) -> None:
    known[:] = (int(a + b) for a, b in zip(known, sums, strict=True))


def _write(name: str, whose: str, found: dict[Key, list[int]]) -> None:
    columns = ("day", whose, *WHOSE, *SUMS)
    into = sa.table(name, *map(sa.column, columns))
    rows = [dict(zip(columns, (*key, *sums), strict=True)) for key, sums in found.items()]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        op.get_bind().execute(sa.insert(into), rows[start : start + ROWS_AT_ONCE])


def downgrade() -> None:
    """Forget them; details still say who called."""
    op.drop_table("tag_day")
    op.drop_table("user_day")
    op.execute(sa.delete(FACT).where(FACT.c.name == "people_from_day"))
