"""Rules of a settings file: which alerts are raised, when, and for whom."""

from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema

from monitor.domain.rule_parameters import Burn, Share, Slow
from monitor.domain.rules import DEFAULTS, AlertRule, RuleName
from monitor.settings import notices
from monitor.settings.base import AMOUNT_SCHEMA, Duration, Shape, Whole
from monitor.settings.problems import KeyPath
from monitor.settings.rule import Percent, ReachingShape, RuleShape
from monitor.settings.values import read_decimal

_SHARE, _SLOW, _DAY_S = Share(), Slow(), 86_400.0


def read_objective(value: object) -> Decimal:
    """An availability in percent, to a thousandth of one."""
    objective = read_decimal(str(value).strip().removesuffix("%").strip())
    if not 0 < objective < 100 or objective * 1000 % 1:  # noqa: PLR2004 -- as above
        raise ValueError("is no objective; write a percent below 100, like 99.5")
    return objective


def read_factor(value: object) -> Decimal:
    """How many times, to a tenth."""
    factor = read_decimal(value)
    if factor < 1 or factor * 10 % 1:
        raise ValueError("is no factor; write 1 or more, with one decimal at most, like 14.4")
    return factor


Objective = Annotated[Decimal, PlainValidator(read_objective), WithJsonSchema(AMOUNT_SCHEMA)]
Factor = Annotated[Decimal, PlainValidator(read_factor), WithJsonSchema(AMOUNT_SCHEMA)]
Blame = Callable[[KeyPath, str], None]


class ShareShape(ReachingShape):
    """A share of the calls of a window; it opens at one share and closes below a lower one."""

    percent: Percent = Field(_SHARE.percent, description="It opens at so many percent or more.")
    close_percent: Percent = Field(
        _SHARE.close_percent, description="It closes below so many percent."
    )
    window: Duration = Field(_SHARE.window_min * 60, description="Of the calls of so long.")
    least_calls: Whole = Field(
        _SHARE.least_calls, description="Of fewer calls in the window it says nothing."
    )

    def parameters(self, name: RuleName) -> Share:
        """What it looks at, and when that is too much."""
        del name
        window_min = round(self.window / 60)
        return Share(self.percent, self.close_percent, window_min, self.least_calls)

    def find_faults(self, name: RuleName) -> Iterator[tuple[str, str]]:
        """A threshold to close that is none, a window that is not whole minutes of a day."""
        del name
        if self.close_percent >= self.percent:
            yield "close_percent", f"is not below percent ({self.percent}); lower it"
        if self.least_calls < 1:
            yield "least_calls", "is below 1; raise it"
        yield from _find_odd("window", self.window, _DAY_S)


class SlowShape(ReachingShape):
    """How long an endpoint has to be slow, or often wrong, and how long well again."""

    hold: Duration = Field(_SLOW.hold_min * 60, description="It opens after so long of it.")
    close: Duration = Field(_SLOW.close_min * 60, description="It closes after so long without it.")

    def parameters(self, name: RuleName) -> Slow:
        """What it looks at, and when that is too much."""
        del name
        return Slow(round(self.hold / 60), round(self.close / 60))

    def find_faults(self, name: RuleName) -> Iterator[tuple[str, str]]:
        """A wait that is not whole minutes of a day."""
        del name
        yield from _find_odd("hold", self.hold, _DAY_S)
        yield from _find_odd("close", self.close, _DAY_S)


class BurnShape(ReachingShape):
    """How fast the error budget of an availability is used up, over a long and a short window."""

    objective: Objective | None = Field(
        None, description="Availability that is aimed at, in percent; without it, 99.5."
    )
    factor: Factor | None = Field(
        None, description="It opens where the budget burns so many times as fast as it may."
    )
    window: Duration | None = Field(None, description="Over so long.")
    short_window: Duration | None = Field(None, description="And over so long: it goes on still.")

    def parameters(self, name: RuleName) -> Burn:
        """What it looks at, and when that is too much."""
        default: Burn = DEFAULTS[name].parameters
        return Burn(
            default.factor_tenths if self.factor is None else int(self.factor * 10),
            default.long_min if self.window is None else round(self.window / 60),
            default.short_min if self.short_window is None else round(self.short_window / 60),
            default.objective_milli if self.objective is None else int(self.objective * 1000),
            default.least_percent,
        )

    def find_faults(self, name: RuleName) -> Iterator[tuple[str, str]]:
        """Windows that are not whole minutes, or of which the short one is not shorter."""
        longest_s = 31 * _DAY_S
        for key in ("window", "short_window"):
            value = getattr(self, key)
            if value is not None:
                yield from _find_odd(key, value, longest_s)
        burn = self.parameters(name)
        if burn.short_min >= burn.long_min:
            yield "short_window", "is not shorter than window; shorten it"


def _find_odd(key: str, value_s: float, longest_s: float) -> Iterator[tuple[str, str]]:
    if value_s % 60 or not 0 < value_s <= longest_s:
        days = longest_s / _DAY_S
        yield key, f"is no whole number of minutes up to {days:g} d; write one, like 15m"


class RulesShape(Shape):
    """Every rule, by name. All of them are on without being written down."""

    down: ReachingShape = Field(ReachingShape(), description="An endpoint is down.")
    account: ReachingShape = Field(ReachingShape(), description="A provider refuses our account.")
    network: RuleShape = Field(RuleShape(), description="The monitor's own network is away.")
    degraded: SlowShape = Field(SlowShape(), description="An endpoint is slow, or often wrong.")
    errors: ShareShape = Field(ShareShape(), description="Many calls to an endpoint fail.")
    rate_limits: ShareShape = Field(ShareShape(), description="Many calls meet a rate limit.")
    fast_burn: BurnShape = Field(
        BurnShape(), description="An error budget is used up 14.4 times too fast for an hour."
    )
    burn: BurnShape = Field(
        BurnShape(), description="An error budget is used up 6 times too fast for 6 hours."
    )
    slow_burn: BurnShape = Field(
        BurnShape(), description="An error budget is used up too fast for 3 days."
    )
    spend_anomaly: notices.AnomalyShape = Field(
        notices.AnomalyShape(),
        description="All spend of a day, a team's or a model's, is unusual for its weekday.",
    )
    price_change: ReachingShape = Field(
        ReachingShape(), description="A price in use changes, or another one is proposed."
    )
    retirement: notices.RetirementShape = Field(
        notices.RetirementShape(), description="A model in use is served no longer soon."
    )
    unpriced: RuleShape = Field(RuleShape(), description="Calls to a model have no price.")
    event_loop: notices.LagShape = Field(
        notices.LagShape(), description="The monitor's event loop is late."
    )
    writer_queue: notices.QueueShape = Field(
        notices.QueueShape(), description="Calls wait for the ledger's writer."
    )
    disk: notices.DiskShape = Field(
        notices.DiskShape(), description="A volume has too little room left."
    )
    missed_runs: notices.RunsShape = Field(
        notices.RunsShape(), description="Probes are missed or skipped."
    )
    probe_cap: RuleShape = Field(
        RuleShape(), description="Paid probes are left out, since the day's cap is reached."
    )
    database: RuleShape = Field(RuleShape(), description="The database refused what was written.")
    feed: notices.FeedShape = Field(
        notices.FeedShape(), description="A source of prices or bills fails."
    )


def build_rules(
    shape: RulesShape, providers: Collection[str], endpoints: Collection[str], blame: Blame
) -> tuple[AlertRule[Any], ...]:
    """What the shapes come to; what is wrong with them is blamed, place by place."""
    named = {"providers": providers, "endpoints": endpoints}
    return tuple(_build(name, getattr(shape, name.value), named, blame) for name in RuleName)


def _build(
    name: RuleName, shape: RuleShape, named: Mapping[str, Collection[str]], blame: Blame
) -> AlertRule[Any]:
    path: KeyPath = ("alerts", "rules", name.value)
    for key, known in named.items():
        for stranger in sorted(getattr(shape.reach, key) - set(known)):
            listed = ", ".join(sorted(known)) or "none"
            blame((*path, key), f"{stranger!r} is not in this file; these are: {listed}")
    for key, text in shape.find_faults(name):
        blame((*path, key), text)
    severity = DEFAULTS[name].severity if shape.severity is None else shape.severity
    return AlertRule(name, shape.parameters(name), severity, shape.enabled, shape.reach)
