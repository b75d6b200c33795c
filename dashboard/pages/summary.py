"""Summary: the sentence, the open incidents and the four figures at the top of the overview."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components.attributes import hyphened
from dashboard.components.incident_rows import incident_path, whose
from dashboard.components.parts import card
from dashboard.components.states import is_aside
from monitor.domain import histogram
from monitor.domain.acknowledgements import Acknowledgement
from monitor.domain.availability import Availability
from monitor.domain.health import State
from monitor.storage import acknowledgements
from monitor.storage.engine import Session
from monitor.storage.queries import endpoints, usage
from monitor.storage.queries.endpoints import EndpointFacts
from monitor.storage.queries.health import Standing
from monitor.storage.queries.incidents import Incident
from monitor.storage.queries.latency import Histogram
from monitor.storage.queries.owners import ALL, Audience
from monitor.storage.queries.totals import Totals


def headline(
    watched: Sequence[EndpointFacts], standings: Mapping[int, Standing], choice: Choice
) -> Component:
    """One sentence of the whole, and what it rests on."""
    tone, said = sentence(watched, standings, choice)
    return html.Div(
        [html.H1(said), html.P(basis(watched, standings, choice))],
        className=f"iw-headline is-{tone}",
    )


def sentence(
    watched: Sequence[EndpointFacts], standings: Mapping[int, Standing], choice: Choice
) -> tuple[str, str]:
    """How all of them stand: the tone to say it in, and the words."""
    judged = [each for each in watched if not is_aside(standings.get(each.id))]
    if not watched:
        return "unknown", "No endpoint is watched yet"
    if not judged:
        what = "The endpoint is" if len(watched) == 1 else f"All {len(watched)} endpoints are"
        return "unknown", f"{what} paused or in maintenance"
    tone, said = _judge(judged, standings, choice)
    return tone, ", ".join([said, *_set_aside(watched, standings)])


def _set_aside(watched: Sequence[EndpointFacts], standings: Mapping[int, Standing]) -> list[str]:
    """How many nobody judges now, and why."""
    aside = [s for each in watched if (s := standings.get(each.id)) is not None and is_aside(s)]
    held = sum(standing.is_in_maintenance for standing in aside)
    told = ((held, "in maintenance"), (len(aside) - held, "paused"))
    return [f"{n} {word}" for n, word in told if n]


def _judge(
    judged: Sequence[EndpointFacts], standings: Mapping[int, Standing], choice: Choice
) -> tuple[str, str]:
    states = [_state(standings.get(each.id)) for each in judged]
    count, down = len(states), states.count(State.DOWN)
    unknown, degraded = states.count(State.UNKNOWN), states.count(State.DEGRADED)
    if down:
        since_ms = min(s.since_ms for s in standings.values() if _is_down(s, judged))
        since = fmt.clock(since_ms, choice.zone, choice.now_ms)
        return "down", f"{down} of {fmt.plural(count, 'endpoint')} down since {since}"
    if unknown == count:
        return "unknown", _nothing_known(standings, count, choice)
    if degraded or unknown:
        told = [f"{n} {word}" for n, word in ((degraded, "degraded"), (unknown, "unknown")) if n]
        return "warn", f"{count - degraded - unknown} of {count} endpoints up, {', '.join(told)}"
    return "up", "The endpoint is up" if count == 1 else f"All {count} endpoints up"


def _nothing_known(standings: Mapping[int, Standing], count: int, choice: Choice) -> str:
    ticks = [s.last_tick_ms for s in standings.values() if s.last_tick_ms is not None]
    what = "the endpoint" if count == 1 else f"all {count} endpoints"
    if not ticks:
        return f"Nothing is known of {what} yet"
    return (
        f"The state of {what} is unknown since {fmt.clock(max(ticks), choice.zone, choice.now_ms)}"
    )


def _state(standing: Standing | None) -> State:
    return State.UNKNOWN if standing is None else standing.state


def _is_down(standing: Standing, watched: Sequence[EndpointFacts]) -> bool:
    return standing.state is State.DOWN and any(e.id == standing.endpoint_id for e in watched)


def basis(
    watched: Sequence[EndpointFacts], standings: Mapping[int, Standing], choice: Choice
) -> list[Component | str]:
    """What that rests on: the newest check, and the window of the figures."""
    ticks = [s.last_tick_ms for s in standings.values() if s.last_tick_ms is not None]
    window = f"Figures are of the {choice.label()}" if choice.is_rolling else choice.label()
    if not watched:
        return ["Add one to inferwatch.yaml, or run inferwatch init, which looks for your keys."]
    if not ticks:
        first_ms = min(each.created_ms + each.interval_s * 1_000 for each in watched)
        wait = fmt.lasting(max(0, int(first_ms) - choice.now_ms))
        return [f"The first probe is due within {wait}. {window}"]
    ago = html.Span("just now", **hyphened(data_ago=str(max(ticks))))
    return ["Newest check ", ago, f" · {window}"]


def open_incidents(
    session: Session, opened: Sequence[Incident], choice: Choice
) -> Component | None:
    """Every open incident: since when, what, where, who is at it, and the incident itself."""
    if not opened:
        return None
    names = {each.id: each.slug for each in endpoints.every(session)}
    shown = opened[:20]
    at_it = acknowledgements.of_incidents(session, [each.id for each in shown])
    items = [_incident(each, _name(each, names), at_it.get(each.id), choice) for each in shown]
    more = len(opened) - len(items)
    rest = [html.Li(f"and {more} more")] if more else []
    return html.Ul([*items, *rest], **hyphened(aria_label="Open incidents"))


def _name(incident: Incident, names: Mapping[int, str]) -> str:
    number = incident.endpoint_id
    return whose(incident) if number is None else names.get(number, "?")


def _incident(
    incident: Incident, name: str, at_it: Acknowledgement | None, choice: Choice
) -> Component:
    since = fmt.clock(incident.started_ms, choice.zone, choice.now_ms)
    lasting = fmt.lasting(choice.now_ms - incident.started_ms)
    blind = "not observed at the moment" if incident.unobserved_ms is not None else ""
    return html.Li(
        [
            html.B(name),
            html.Span(incident.cause, className="iw-class"),
            html.Span(f"since {since} ({fmt.zone_name(choice.zone)}), {lasting}"),
            html.Span(blind),
            html.Span("" if at_it is None else f"{at_it.by} is at it"),
            html.A("the incident", href=choice.href(incident_path(incident))),
        ]
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """What the window and the day came to, over all watched endpoints."""

    count: int
    available: Availability
    calls: int
    speeds: Histogram
    team_today: Totals


def cards(session: Session, choice: Choice, measured: Measured) -> list[Component]:
    """Availability, speed, tokens of today, spend of the month."""
    return [
        _availability_card(measured.available, measured.calls, measured.count),
        _speed_card(measured.speeds),
        _tokens_card(session, choice, measured.team_today),
        _spend_card(session, choice),
    ]


def _availability_card(whole: Availability, made: int, count: int) -> Component:
    calls = f"{fmt.plural(made, 'call')} to {fmt.plural(count, 'endpoint')}"
    if whole.percent_milli is None:
        return card("Availability", "No data in this window", calls, tone="state")
    watched = f"{fmt.share(whole.coverage_milli)} of the time watched"
    return card("Availability", fmt.percent(whole.percent_milli), watched, calls)


def _speed_card(speeds: Histogram) -> Component:
    name, number = "Time to first token", sum(speeds.values())
    if not number:
        return card(name, "No good call in this window", tone="state")
    median = fmt.seconds(histogram.quantile_s(speeds, 0.5))
    p95 = fmt.seconds(histogram.quantile_s(speeds, 0.95))
    return card(name, p95, f"median {median}", f"n {fmt.plural(number, 'good call')}", word="p95")


def _tokens_card(session: Session, choice: Choice, team: Totals) -> Component:
    probes = usage.totals(session, choice.day, choice.zone, audience=Audience.PROBES)[ALL]
    is_known = probes.n_measured + probes.n_estimated
    below = _probes(probes, fmt.tokens(probes.tokens) if is_known else "of unknown usage")
    name = "Tokens today, so far"
    if not team.n:
        return card(name, _no_team(session, "No team call today"), below, tone="state")
    missing = f" · {team.n_missing:,} without usage" if team.n_missing else ""
    if not team.n_measured + team.n_estimated:
        return card(name, "No usage reported", f"{fmt.plural(team.n, 'call')}", below, tone="state")
    return card(name, fmt.tokens(team.tokens), f"{fmt.plural(team.n, 'call')}{missing}", below)


def _spend_card(session: Session, choice: Choice) -> Component:
    team = usage.totals(session, choice.month, choice.zone, audience=Audience.TEAM)[ALL]
    probes = usage.totals(session, choice.month, choice.zone, audience=Audience.PROBES)[ALL]
    unpriced = f" · {probes.n_unpriced:,} unpriced" if probes.n_unpriced else ""
    spent = probes.spend_nano_usd
    below = _probes(probes, "of unknown cost" if spent is None else fmt.money(spent)) + unpriced
    name = "Spend this month, so far"
    if not team.n:
        return card(name, _no_team(session, "No team call this month"), below, tone="state")
    if team.spend_nano_usd is None:
        what = "Not priced" if team.n_unpriced else "No usage reported"
        return card(name, what, f"{fmt.plural(team.n, 'call')}", below, tone="state")
    share = f"cost known of {fmt.share(int((team.cost_share or 0) * 100_000))} of calls"
    left_out = f"{team.n_unpriced:,} unpriced calls left out" if team.n_unpriced else share
    return card(name, fmt.money(team.spend_nano_usd), left_out, below)


def _probes(probes: Totals, came_to: str) -> str:
    return f"probes {came_to} apart" if probes.n else "no probes so far"


def _no_team(session: Session, otherwise: str) -> str:
    return otherwise if usage.has_team_calls(session) else "No team usage yet"
