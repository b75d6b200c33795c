"""Rollups: sums kept beside the ledger, in the same transaction, made again by `db rebuild`.

A `_day` table is a cache of its `_15m` one in the home zone, never a second truth. Users and tags
have days alone: they are made again as long as the details of calls are kept, and outlive them.
"""

from sqlalchemy.orm import Mapped, mapped_column

from monitor.domain.calls import Origin
from monitor.domain.health import Policy, State
from monitor.domain.histogram import Metric
from monitor.domain.outcomes import Result
from monitor.storage.models.base import CLUSTERED, OUTCOME, Base


class UsageSums:
    """Counts of calls by outcome group, usage state and cost state; sums of leaves and money."""

    n: Mapped[int]
    n_good: Mapped[int]
    n_bad: Mapped[int]
    n_excluded: Mapped[int]
    n_local: Mapped[int]
    n_wrong: Mapped[int]
    n_measured: Mapped[int]
    n_estimated: Mapped[int]
    n_missing: Mapped[int]
    n_reported: Mapped[int]
    n_computed: Mapped[int]
    n_unpriced: Mapped[int]
    n_no_usage: Mapped[int]
    input: Mapped[int]
    cache_read: Mapped[int]
    cache_write_5m: Mapped[int]
    cache_write_1h: Mapped[int]
    cache_write: Mapped[int]
    output: Mapped[int]
    reasoning: Mapped[int]
    input_audio: Mapped[int]
    cache_read_audio: Mapped[int]
    output_audio: Mapped[int]
    input_image: Mapped[int]
    output_image: Mapped[int]
    images: Mapped[int]
    requests: Mapped[int]
    searches: Mapped[int]
    cost_nano_usd: Mapped[int]


class UsageKey:
    """Whose usage it is."""

    endpoint_id: Mapped[int] = mapped_column(primary_key=True)
    attribution_id: Mapped[int] = mapped_column(primary_key=True)
    origin: Mapped[Origin] = mapped_column(primary_key=True)


class Usage15m(UsageKey, UsageSums, Base):
    """Usage of a bucket."""

    __tablename__ = "usage_15m"
    __table_args__ = CLUSTERED
    bucket: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)


class UsageDay(UsageKey, UsageSums, Base):
    """Usage of a day of the home zone."""

    __tablename__ = "usage_day"
    __table_args__ = CLUSTERED
    day: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)


class UserDay(UsageKey, UsageSums, Base):
    """Usage of an end user on a day of the home zone; a call without one adds no row."""

    __tablename__ = "user_day"
    __table_args__ = CLUSTERED
    day: Mapped[int] = mapped_column(primary_key=True, sort_order=-2)
    user_hash: Mapped[bytes] = mapped_column(primary_key=True, sort_order=-1)


class TagDay(UsageKey, UsageSums, Base):
    """Usage under a tag on a day of the home zone; a call counts under each of its tags.

    The tag is written as `domain.tags` writes it; "" are the calls with any, each once.
    """

    __tablename__ = "tag_day"
    __table_args__ = CLUSTERED
    day: Mapped[int] = mapped_column(primary_key=True, sort_order=-2)
    tag: Mapped[str] = mapped_column(primary_key=True, sort_order=-1)


class LatencyKey:
    """Whose values they are, and of what."""

    endpoint_id: Mapped[int] = mapped_column(primary_key=True)
    origin: Mapped[Origin] = mapped_column(primary_key=True)
    metric: Mapped[Metric] = mapped_column(primary_key=True)
    scheme: Mapped[int]
    histogram: Mapped[bytes]


class Latency15m(LatencyKey, Base):
    """A sparse histogram of a bucket."""

    __tablename__ = "latency_15m"
    __table_args__ = CLUSTERED
    bucket: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)


class LatencyDay(LatencyKey, Base):
    """A sparse histogram of a day of the home zone."""

    __tablename__ = "latency_day"
    __table_args__ = CLUSTERED
    day: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)


class HealthKey:
    """Milliseconds that an endpoint spent in a state."""

    endpoint_id: Mapped[int] = mapped_column(primary_key=True)
    policy: Mapped[Policy] = mapped_column(primary_key=True)
    state: Mapped[State] = mapped_column(primary_key=True)
    in_maintenance: Mapped[bool] = mapped_column(primary_key=True)
    ms: Mapped[int]


class Health15m(HealthKey, Base):
    """Time by state in a bucket."""

    __tablename__ = "health_15m"
    __table_args__ = CLUSTERED
    bucket: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)


class HealthDay(HealthKey, Base):
    """Time by state on a day of the home zone."""

    __tablename__ = "health_day"
    __table_args__ = CLUSTERED
    day: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)


class Failure15m(Base):
    """Calls of a bucket that were not good, by their class; a good call adds no row.

    Led by the endpoint: who looks at failures, looks at some endpoints over a long time.
    """

    __tablename__ = "failure_15m"
    __table_args__ = CLUSTERED
    endpoint_id: Mapped[int] = mapped_column(primary_key=True)
    bucket: Mapped[int] = mapped_column(primary_key=True)
    origin: Mapped[Origin] = mapped_column(primary_key=True)
    outcome: Mapped[Result] = mapped_column(OUTCOME, primary_key=True)
    n: Mapped[int]
