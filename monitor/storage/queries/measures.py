"""Measures: what single calls of the ledger measured, for what is finer than a bucket."""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, case, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from monitor.domain.calls import Origin
from monitor.domain.histogram import LEFT_OUT, UNITS_PER_RATE, UNITS_PER_SECOND, Metric, bin_of
from monitor.domain.outcomes import RULINGS, Group
from monitor.domain.windows import Window
from monitor.storage.models.ledger import CallDetailRow, CallRow

GOOD = tuple(result for result, ruling in RULINGS.items() if ruling.group is Group.GOOD)

_US_PER_SECOND = 1_000_000
_US_PER_UNIT = _US_PER_SECOND // UNITS_PER_SECOND

_TOKENS = CallRow.output + CallRow.reasoning + CallRow.output_audio + CallRow.output_image
_AFTER_FIRST_US = CallRow.total_us - CallRow.ttft_us
_RATE = cast((_TOKENS - 1) * _US_PER_SECOND * UNITS_PER_RATE, Float) / _AFTER_FIRST_US


#: From a call's start until its connection stood: nothing on one that was kept.
_READY_US = func.coalesce(CallDetailRow.connect_us, 0) + func.coalesce(CallDetailRow.tls_us, 0)


def _units(micros: ColumnElement[Any] | InstrumentedAttribute[int | None]) -> ColumnElement[Any]:
    return cast(micros, Float) / _US_PER_UNIT


def _counted(metric: Metric, units: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((CallRow.kind.not_in(LEFT_OUT[metric]), units), else_=None)


#: Each metric of a call, in the units of its histogram; null where it is not known.
UNITS: dict[Metric, ColumnElement[Any]] = {
    Metric.CONNECT: _units(CallDetailRow.connect_us),
    Metric.TLS: _units(CallDetailRow.tls_us),
    Metric.FIRST_BYTE: _counted(Metric.FIRST_BYTE, _units(CallDetailRow.first_byte_us - _READY_US)),
    Metric.TTFT: _counted(Metric.TTFT, _units(CallRow.ttft_us - _READY_US)),
    Metric.TOTAL: _counted(Metric.TOTAL, _units(CallRow.total_us - _READY_US)),
    Metric.OUTPUT_RATE: _counted(
        Metric.OUTPUT_RATE, case(((_TOKENS > 1) & (_AFTER_FIRST_US > 0), _RATE), else_=None)
    ),
}

#: The metrics that stand in the call's detail, which is kept for less time.
IN_DETAIL = frozenset({Metric.CONNECT, Metric.TLS, Metric.FIRST_BYTE})


def bins(
    session: Session,
    window: Window,
    metric: Metric,
    origin: Origin | None = None,
    endpoint_ids: Collection[int] | None = None,
) -> Iterator[tuple[int, int]]:
    """(endpoint, bin) of each value of the good calls that started in a window."""
    chosen = _good_calls(window, metric)
    if origin is not None:
        chosen = chosen.where(CallRow.origin == origin)
    if endpoint_ids is not None:
        chosen = chosen.where(CallRow.endpoint_id.in_(endpoint_ids))
    for number, units in session.execute(chosen):
        yield number, bin_of(units)


def _good_calls(window: Window, metric: Metric) -> Select[int, Any]:
    units = UNITS[metric]
    chosen = select(CallRow.endpoint_id, units).where(
        CallRow.started_ms >= window.from_ms,
        CallRow.started_ms < window.to_ms,
        CallRow.outcome.in_(GOOD),
        units.is_not(None),
    )
    is_apart = metric not in IN_DETAIL
    return chosen.join(CallDetailRow, CallDetailRow.call_id == CallRow.id, isouter=is_apart)
