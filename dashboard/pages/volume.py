"""Volume: the cards of usage. How much there was, against the time before, and what is known."""

from collections.abc import Callable

from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components.parts import card
from monitor.domain.counterparts import Comparison, Kind
from monitor.domain.windows import day_of
from monitor.services.breakdown import Breakdown
from monitor.storage.queries.ranking import by_calls, by_tokens
from monitor.storage.queries.totals import Totals


def coverage(whole: Totals) -> str:
    """How much of the usage of calls is known, in words."""
    if not whole.n:
        return "no calls"
    known = whole.n_measured + whole.n_estimated
    words = [f"usage known of {known:,} of {fmt.plural(whole.n, 'call')}"]
    words += [f"{whole.n_estimated:,} estimated"] if whole.n_estimated else []
    return ", ".join(words)


def cards(found: Breakdown, choice: Choice) -> list[Component]:
    """Tokens, calls, what came out of caches, what was thought: the team's, in the window."""
    whole = found.whole
    probes = f"probes {fmt.tokens(found.probes.tokens)} apart" if found.probes.n else "no probes"
    return [
        _tokens_card(whole, probes, change(found, by_tokens, choice)),
        _calls_card(whole, found.probes, change(found, by_calls, choice)),
        _share_card(
            "Read from cache",
            whole.cache_read + whole.cache_read_audio,
            whole.leaves.input_total,
            "prompt tokens",
        ),
        _share_card("Reasoning", whole.reasoning, whole.leaves.output_total, "tokens out"),
    ]


def change(found: Breakdown, size: Callable[[Totals], int], choice: Choice) -> str:
    """How much more or less it was than in the time before, in words."""
    if found.is_first:
        return "no earlier period to compare"
    if found.compared is None:
        return "no complete day to compare yet"
    now, before = (size(each) for each in (found.whole_now, found.whole_before))
    against = earlier(found.compared, choice)
    if not before:
        return f"none in {against}"
    return f"{percent_change(now, before)} on {against}"


def days_of(compared: Comparison, choice: Choice) -> int:
    """How many complete days are compared; 0 where it is a span of time."""
    if choice.kind is Kind.SPAN:
        return 0
    first, end = (day_of(ms, choice.zone) for ms in (compared.after.from_ms, compared.after.to_ms))
    return end - first


def earlier(compared: Comparison, choice: Choice) -> str:
    """The period before, in words."""
    if choice.kind is Kind.MONTH:
        is_whole = compared.before.to_ms == compared.after.from_ms
        return "the month before" if is_whole else "the same days of the month before"
    days = days_of(compared, choice)
    many = f"the {fmt.plural(days, 'day')} before" if days else "the time before"
    return "the day before" if days == 1 else many


def percent_change(now: int, before: int) -> str:
    """`+12 %`, `−3 %`: of whole percents, halves rounded to even."""
    change = round(100 * (now - before) / before)
    sign = "+" if change > 0 else "−" if change < 0 else "±"
    return f"{sign}{abs(change):,}{fmt.NBSP}%"


def _tokens_card(whole: Totals, probes: str, changed: str) -> Component:
    if not whole.n:
        return card("Team tokens", "No team call", probes, tone="state")
    if not whole.n_measured + whole.n_estimated:
        return card("Team tokens", "No usage reported", coverage(whole), probes, tone="state")
    return card("Team tokens", fmt.tokens(whole.tokens), coverage(whole), changed, probes)


def _calls_card(whole: Totals, probes: Totals, changed: str) -> Component:
    apart = f"{fmt.plural(probes.n, 'probe')} apart"
    if not whole.n:
        return card("Team calls", "No team call", apart, tone="state")
    failed = f"{whole.n - whole.n_good:,} of them failed"
    return card("Team calls", fmt.count(whole.n), failed, changed, apart)


def _share_card(label: str, part: int, whole: int, of: str) -> Component:
    if not whole:
        return card(label, f"No {of} known", tone="state")
    share = fmt.share(100_000 * part // whole)
    return card(label, share, f"{fmt.tokens(part)} of {fmt.tokens(whole)} {of}")
