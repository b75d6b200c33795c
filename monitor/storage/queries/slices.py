"""Slices: the settled spans themselves, for what is finer than a bucket."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from monitor.domain.health import Policy, State
from monitor.domain.windows import Window
from monitor.storage.models.health import HealthRow, SliceRow


class Slice(NamedTuple):
    """A settled span of an endpoint, clipped to the window that was asked for."""

    endpoint_id: int
    from_ms: int
    to_ms: int
    state: State


def between(
    session: Session, window: Window, policy: Policy, endpoint_ids: Collection[int] | None = None
) -> list[Slice]:
    """The settled spans that a window meets, by endpoint and time, clipped to it.

    A slice ends where the next one of its endpoint begins, or where settling stands.
    """
    result: list[Slice] = []
    end_ms, next_endpoint_id = 0, None
    # From the newest back: each slice ends where the one seen before it begins.
    for number, from_ms, state, settled_ms in session.execute(
        _meeting(window, policy, endpoint_ids)
    ):
        inside = window.clip(from_ms, end_ms if number == next_endpoint_id else settled_ms)
        if inside.length_ms:
            result.append(Slice(number, inside.from_ms, inside.to_ms, state))
        end_ms, next_endpoint_id = from_ms, number
    return result[::-1]


def _meeting(
    window: Window, policy: Policy, endpoint_ids: Collection[int] | None
) -> Select[int, int, State, int]:
    earlier = aliased(SliceRow)
    begun_ms = (
        select(func.max(earlier.from_ms))
        .where(
            earlier.endpoint_id == HealthRow.endpoint_id,
            earlier.policy == HealthRow.policy,
            earlier.from_ms <= window.from_ms,
        )
        .correlate(HealthRow)
        .scalar_subquery()
    )
    chosen = (
        select(HealthRow.endpoint_id, SliceRow.from_ms, SliceRow.state, HealthRow.settled_ms)
        .join(
            SliceRow,
            (SliceRow.endpoint_id == HealthRow.endpoint_id) & (SliceRow.policy == HealthRow.policy),
        )
        .where(
            HealthRow.policy == policy,
            SliceRow.from_ms < window.to_ms,
            SliceRow.from_ms >= func.coalesce(begun_ms, window.from_ms),
        )
        .order_by(HealthRow.endpoint_id.desc(), SliceRow.from_ms.desc())
    )
    if endpoint_ids is not None:
        chosen = chosen.where(HealthRow.endpoint_id.in_(endpoint_ids))
    return chosen
