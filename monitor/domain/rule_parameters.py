"""Parameters of rules: what each looks at, and when that is too much.

Shares are whole percents and durations whole minutes, but where a name says otherwise. Each rule
opens at one threshold and closes at a lower one, or after a while: so none flaps on an edge.
"""

from dataclasses import dataclass

from monitor.domain.windows import MINUTE_MS


@dataclass(frozen=True, slots=True)
class Nothing:
    """A rule that has no parameters."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the calls of a window: opens at `percent` or more, closes below `close_percent`.

    With fewer than `least_calls` in the window nothing opens and nothing closes.
    """

    percent: int = 10
    close_percent: int = 5
    window_min: int = 15
    least_calls: int = 50


@dataclass(frozen=True, slots=True)
class Slow:
    """How long an endpoint has to be degraded until it opens, and up until it closes."""

    hold_min: int = 10
    close_min: int = 5


@dataclass(frozen=True, slots=True)
class Burn:
    """How fast an error budget is used up: `factor_tenths` of 10 use it up exactly in its period.

    The objective is an availability in thousandths of a percent. Opens where the burn rate is at
    least the factor over a long window and over a short one, closes where it is below half of the
    factor over the short one (B. Beyer and others, The Site Reliability Workbook, 2018, chapter 5:
    multiwindow, multi-burn-rate alerts). A window of which less than `least_percent` was watched
    says nothing.
    """

    factor_tenths: int
    long_min: int
    short_min: int
    objective_milli: int = 99_500
    least_percent: int = 50

    @property
    def step_ms(self) -> int:
        """How often it is looked at: on whole multiples of a fifth of the short window, UTC."""
        return max(1, self.short_min // 5) * MINUTE_MS


FAST = Burn(factor_tenths=144, long_min=60, short_min=5)
STEADY = Burn(factor_tenths=60, long_min=360, short_min=30)
LONG = Burn(factor_tenths=10, long_min=3 * 24 * 60, short_min=360)
