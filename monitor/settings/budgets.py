"""Budgets of a settings file: their shape, and what they come to."""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from monitor.domain.budgets import (
    DEFAULT_THRESHOLDS,
    PROJECTED,
    Budget,
    Scope,
    ScopeKind,
    Threshold,
)
from monitor.domain.money import NANO_PER_USD, nano_from_usd
from monitor.domain.periods import Cycle, Period
from monitor.settings.base import TEXT_SCHEMA, Flag, Shape, Text, Zone
from monitor.settings.problems import KeyPath
from monitor.settings.times import read_weekdays
from monitor.settings.values import read_decimal

_AMOUNT = {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": r"^[0-9.]+$"}]}
_BEGIN = {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 31}, TEXT_SCHEMA]}
_THRESHOLDS = {
    "type": "array",
    "items": {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 1000}, TEXT_SCHEMA]},
}
_MAX_PERCENT, _MAX_USD = 1000, 1_000_000_000
_DATE = re.compile(r"(\d{1,2})-(\d{1,2})")
_MONTHS, _MONTH_DAYS = 12, (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SCOPES = tuple(kind.value for kind in ScopeKind if kind is not ScopeKind.TOTAL)


def read_thresholds(value: object) -> tuple[Threshold, ...]:
    """`[50, 80, 100, projected]`."""
    listed = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(map(_threshold, listed)))


def _threshold(value: object) -> Threshold:
    text = str(value).strip().removesuffix("%").strip()
    if text == "projected":
        return PROJECTED
    if not re.fullmatch(r"\d{1,4}", text) or not 1 <= int(text) <= _MAX_PERCENT:
        raise ValueError("is no threshold; write percents from 1 to 1000, or projected")
    return Threshold(int(text))


def _read_begin(value: object) -> str:
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"[A-Za-z]{1,9}|\d{1,2}(-\d{1,2})?", text):
        raise ValueError(
            "is no beginning of a period; write a weekday, a day like 15, or a date like 04-06"
        )
    return text


Amount = Annotated[Decimal, BeforeValidator(read_decimal), WithJsonSchema(_AMOUNT)]
Thresholds = Annotated[
    tuple[Threshold, ...], PlainValidator(read_thresholds), WithJsonSchema(_THRESHOLDS)
]
Begin = Annotated[str, PlainValidator(_read_begin), WithJsonSchema(_BEGIN)]
Blame = Callable[[KeyPath, str], None]


class BudgetShape(Shape):
    """What the calls of one team, project, app, key, provider or model, or all, may cost."""

    amount_usd: Amount = Field(description="USD for one period.")
    period: Period = Field(Period.MONTH, description="day, week, month, quarter or year.")
    begins: Begin | None = Field(
        None,
        description="Where it begins: a weekday, a day of the month such as 15, or, for quarters "
        "and years, a date such as 04-06. A month without that day begins on its last.",
    )
    zone: Zone | None = Field(None, description="Zone of its days; else the home zone.")
    team: Text | None = Field(None, description="Only this team's calls.")
    project: Text | None = Field(None, description="Only this project's.")
    app: Text | None = Field(None, description="Only this app's, by its address.")
    key: Text | None = Field(None, description="Only those by the key of this alias.")
    provider: Text | None = Field(None, description="Only those to this provider.")
    model: Text | None = Field(None, description="Only those to this author/slug, or its family.")
    thresholds: Thresholds = Field(
        DEFAULT_THRESHOLDS,
        description="When it is told, once a period: percents of the amount, and `projected`: as "
        "soon as the amount will not last at the pace of the last 7 days.",
    )
    probes: Flag = Field(default=False, description="true: what our own probes cost counts, too.")


def plan(shapes: Mapping[str, BudgetShape], home: ZoneInfo, blame: Blame) -> Iterator[Budget]:
    """What the shapes of a file come to; what is wrong with them is blamed, place by place."""
    for name, shape in shapes.items():
        faults = list(_find_faults(shape))
        for key, text in faults:
            blame(("budgets", name, key), f"budget {name!r}: {text}")
        if not faults:
            yield Budget(
                name,
                _scope(shape),
                nano_from_usd(shape.amount_usd),
                _cycle(shape, shape.zone or home),
                shape.thresholds,
                shape.probes,
            )


def _find_faults(shape: BudgetShape) -> Iterator[tuple[str, str]]:
    if not shape.amount_usd * NANO_PER_USD >= 1 or shape.amount_usd > _MAX_USD:
        yield "amount_usd", "the amount is not above 0 and up to a billion dollars; change it"
    scopes = [key for key in _SCOPES if getattr(shape, key) is not None]
    if len(scopes) > 1:
        yield scopes[1], f"does not go with {scopes[0]}; keep one, or make a budget of each"
    try:
        _cycle(shape, ZoneInfo("UTC"))
    except ValueError as error:
        yield "begins", str(error)


def _scope(shape: BudgetShape) -> Scope:
    for key in _SCOPES:
        name = getattr(shape, key)
        if name is not None:
            return Scope(ScopeKind(key), name)
    return Scope(ScopeKind.TOTAL)


def _cycle(shape: BudgetShape, zone: ZoneInfo) -> Cycle:
    """Raises ValueError("problem; remedy") where the period cannot begin so."""
    period, text = shape.period, shape.begins
    if text is None:
        return Cycle(period, zone)
    match period:
        case Period.DAY:
            raise ValueError("a day begins at midnight of its zone; remove it, or set the zone")
        case Period.WEEK:
            return Cycle(period, zone, weekday=_weekday(text))
        case Period.MONTH:
            return Cycle(period, zone, day=_day(text, 31, "a month begins on a day from 1 to 31"))
        case Period.QUARTER | Period.YEAR:
            return Cycle(period, zone, 0, *_date(text, period))


def _weekday(text: str) -> int:
    try:
        [weekday] = read_weekdays(text)
    except ValueError:
        raise ValueError(f"a week begins on a weekday, not on {text!r}; write monday") from None
    return weekday


def _day(text: str, last: int, rule: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= last:
        raise ValueError(f"{rule}, not on {text!r}; change it")
    return int(text)


def _date(text: str, period: Period) -> tuple[int, int]:
    match, rule = _DATE.fullmatch(text), f"the fiscal {period} begins on a date"
    if match is None or not 1 <= int(match[1]) <= _MONTHS:
        raise ValueError(f"{rule}, not on {text!r}; write month and day, such as 04-06")
    month = int(match[1])
    return month, _day(match[2], _MONTH_DAYS[month - 1], rule)
