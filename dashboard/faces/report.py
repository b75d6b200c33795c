"""Report: a month on two pages, as HTML that needs nothing else, and as PDF."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dashboard import format as fmt
from dashboard.faces import report_chart, report_tables
from dashboard.faces.report_tables import Table
from monitor.domain.windows import day_of
from monitor.services.reports import Report
from monitor.services.spend import Spending

_WHOLE = 100_000


class NoRenderer(RuntimeError):
    """What makes PDF is not installed."""


class Figure(NamedTuple):
    """One of the figures at the top: its name, its value, and what it rests on."""

    name: str
    value: str
    below: str


def html(report: Report) -> str:
    """The report as one HTML document: no script, nothing from elsewhere, all names escaped."""
    template = _environment().get_template("report.html")
    return template.render(
        title=f"LLM usage and spend, {title(report)}",
        span=_span(report),
        sentence=_sentence(report),
        figures=_figures(report),
        chart=Markup(report_chart.bars(report.days)),  # noqa: S704 -- numbers and dates alone
        tables=_tables(report),
        coverage=list(_coverage(report)),
    )


def pdf(report: Report) -> bytes:
    """The report as PDF. Raises NoRenderer."""
    try:
        from weasyprint import HTML  # noqa: PLC0415 -- an extra, and slow to load
    except (ImportError, OSError) as error:
        raise NoRenderer(
            "PDF needs WeasyPrint and Pango, which are not installed: pip install "
            "'inferwatch[pdf]', or print the HTML from a browser"
        ) from error
    made: bytes = HTML(string=html(report), url_fetcher=_fetch_nothing).write_pdf()
    return made


def title(report: Report) -> str:
    """`October 2026`."""
    first = date.fromordinal(day_of(report.window.from_ms, report.zone))
    return f"{first:%B %Y}"


def _fetch_nothing(url: str, *_args: object, **_more: object) -> dict[str, object]:
    raise ValueError(f"a report needs nothing from elsewhere: {url[:80]}")


def _environment() -> Environment:
    here = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=here, autoescape=True, undefined=StrictUndefined)


def _span(report: Report) -> str:
    zone = report.zone
    last_ms = min(report.window.to_ms, report.now_ms) - 1
    days = fmt.days(day_of(report.window.from_ms, zone), day_of(last_ms, zone))
    so_far = "" if report.is_over else f" so far, as of {fmt.stamp(report.now_ms, zone)}"
    return f"{days}{so_far} · {fmt.zone_name(zone)} · teams' calls, our own probes apart"


def _sentence(report: Report) -> str:
    whole, found = report.by_model.total, report.by_model
    if not whole.n:
        return "No team call in this month."
    spent = "Spend is not known" if whole.spend_nano_usd is None else f"{_money(found)} spent"
    parts = [f"{spent} on {fmt.plural(whole.n, 'call')}{_than_before(found)}"]
    parts.append(fmt.plural(report.n_outages, "outage") if report.n_outages else "no outage")
    over = [k for k in report.budgets if k.spent.nano_usd >= k.held.amount_nano_usd]
    if report.budgets:
        parts.append(f"{len(over)} of {fmt.plural(len(report.budgets), 'budget')} used up")
    return f"{'; '.join(parts)}."


def _than_before(found: Spending) -> str:
    before = sum(each.cost_nano_usd for each in found.owners_before.values())
    now = found.total.cost_nano_usd
    if found.before is None or not before or found.total.spend_nano_usd is None:
        return ""
    share = fmt.share(_WHOLE * abs(now - before) // before)
    return f", {share} {'more' if now >= before else 'less'} than the same days before"


def _money(found: Spending) -> str:
    return fmt.money(found.total.spend_nano_usd)


def _figures(report: Report) -> list[Figure]:
    whole = report.by_model.total
    known = fmt.share(_WHOLE * whole.n_costed // whole.n) if whole.n else fmt.DASH
    tokens = whole.leaves.input_total + whole.leaves.output_total
    return [
        Figure("Spend", _money(report.by_model), f"cost known of {known} of calls"),
        Figure("Calls", fmt.count(whole.n), f"{whole.n - whole.n_good:,} failed"),
        Figure("Tokens", fmt.tokens(tokens), f"usage known of {whole.n - whole.n_missing:,} calls"),
        _availability(report),
    ]


def _availability(report: Report) -> Figure:
    judged = [each.availability for each in report.watched]
    covered = sum(each.covered_ms for each in judged)
    down = sum(each.down_ms for each in judged)
    if not covered:
        return Figure("Availability", fmt.DASH, "nothing was watched")
    share = fmt.percent(_WHOLE * (covered - down) // covered)
    return Figure("Availability", share, f"of {len(judged)} endpoints, by watched time")


def _tables(report: Report) -> list[Table]:
    return [
        report_tables.owners("By team", "Team", report.by_team),
        report_tables.owners("By model", "Model", report.by_model),
        report_tables.movers(report.by_model),
        report_tables.budgets(report),
        report_tables.availability(report),
        report_tables.incidents(report),
    ]


def _coverage(report: Report) -> list[str]:
    whole, probes = report.by_model.total, report.by_model.probes
    unknown = f"{whole.n_unpriced:,} calls have no price and {whole.n_no_usage:,} no usage"
    lines = [
        f"{unknown}: they are counted as calls, and in no sum of money.",
        f"The usage of {whole.n_estimated:,} calls is estimated; the rest is the providers' word.",
        f"Our own probes, in no figure above: {probes.n:,} for {fmt.money(probes.spend_nano_usd)}.",
        "Availability is by time: the share of the watched time in which an endpoint was not down.",
    ]
    if not report.is_over:
        lines.append("The month is not over: these are its figures so far.")
    return lines
