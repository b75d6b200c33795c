"""Case: one incident as its page shows it: what it was, and what was held true meanwhile."""

from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components import parts, tracks
from dashboard.components.incident_rows import kind_name, lasting_ms, stage_name
from dashboard.components.outcomes import blame, name, why
from dashboard.pages.incidents import unobserved
from dashboard.reads import NotHere
from monitor.domain.damage_words import lines
from monitor.domain.findings import figures
from monitor.domain.health import Policy
from monitor.domain.incidents import Stage
from monitor.domain.windows import MINUTE_MS, Window
from monitor.services import damages, histories
from monitor.services.acknowledgements import UnknownIncident
from monitor.services.histories import History
from monitor.storage.engine import Session
from monitor.storage.queries import endpoints, slices
from monitor.storage.queries.endpoints import EndpointFacts
from monitor.storage.queries.incidents import Incident

_POLICIES = {Policy.PROVIDER: "Provider availability", Policy.USABLE: "Usable by us"}
_LISTED = 8
_NO_CALLS = "It is of no endpoint: what was found stands beside what happened."
_NO_TRACKS = "Endpoints beyond our own network were unknown meanwhile, and none of them is charged."


@dataclass(frozen=True, slots=True)
class Case:
    """An incident, the numbers of all that its calls were made to, and the time they are of.

    Of our own network these are the calls to everybody, of the monitor itself there are none.
    """

    history: History
    numbers: list[int]
    window: Window

    @property
    def incident(self) -> Incident:
        """The incident itself."""
        return self.history.incident


def find(session: Session, choice: Choice, number: int) -> Case:
    """The case of a number. Raises NotHere."""
    try:
        history = histories.read(session, number)
    except UnknownIncident as error:
        raise NotHere(f"There is no incident {number}; see the list of incidents.") from error
    incident, endpoint = history.incident, history.endpoint
    if incident.endpoint_id is not None and endpoint is None:
        raise NotHere(f"Incident {number} is of an endpoint that is gone.")
    end_ms = choice.now_ms if incident.closed_ms is None else incident.closed_ms + 1
    window = Window(incident.started_ms, end_ms)
    return Case(history, endpoints.with_targets(_befallen(session, history)), window)


def _befallen(session: Session, history: History) -> list[EndpointFacts]:
    if history.endpoint is not None:
        return [history.endpoint]
    return [] if history.incident.call_id is None else endpoints.every(session)


def calls_of(case: Case) -> dict[str, str]:
    """The query that lists the calls of the incident."""
    where = {} if case.history.endpoint is None else {"endpoint": case.history.endpoint.slug}
    return where | {
        "window": "custom",
        "from": fmt.utc(case.window.from_ms),
        "to": fmt.utc(case.window.to_ms),
    }


def headline(case: Case, choice: Choice) -> Component:
    """What it was, for how long, how grave, at which stage."""
    history, incident = case.history, case.incident
    lasted = fmt.lasting(lasting_ms(incident, choice.now_ms))
    tense = f"for {lasted} so far" if incident.is_open else f"for {lasted}"
    started = fmt.stamp(incident.started_ms, choice.zone)
    ended = "now" if incident.is_open else fmt.stamp(incident.ended_ms, choice.zone)
    stage, kind = stage_name(history.stage).lower(), kind_name(incident.kind)
    said = f"Incident {incident.id}, {history.severity.value}, {stage} · {kind}"
    where: list[Component | str]
    where = [] if history.endpoint is None else [" · ", _provider(history.endpoint, choice)]
    return html.Div(
        [
            html.H1(f"{history.subject}: {incident.cause}, {tense}"),
            html.P([said, *where]),
            html.P(f"{started} – {ended} ({fmt.zone_name(choice.zone)})"),
        ],
        className=f"iw-headline is-{_tone(history)}",
    )


def _provider(endpoint: EndpointFacts, choice: Choice) -> Component:
    return html.A(endpoint.provider, href=choice.href(f"/providers/{endpoint.provider}"))


def _tone(history: History) -> str:
    if history.stage.is_over:
        return "up"
    if history.incident.unobserved_ms is not None:
        return "unknown"
    return "warn" if history.stage is Stage.ACKNOWLEDGED else "down"


def facts(session: Session, case: Case, choice: Choice) -> Component:
    """What it was, who answers for it, and how it was found."""
    incident, endpoint = case.incident, case.history.endpoint
    delay_ms = incident.confirmed_ms - incident.started_ms
    unseen_ms = unobserved(session, [incident], choice.now_ms)[incident.id]
    pairs: list[tuple[str, parts.Children]] = [
        ("Endpoint" if endpoint else "Of", case.history.subject),
        ("Model", None if endpoint is None else _model(endpoint, choice)),
        *_class(incident),
        ("Same root cause", _together(case.history, choice)),
        ("Confirmed after", fmt.lasting(delay_ms)),
        ("Not observed", fmt.lasting(unseen_ms) if unseen_ms else "none of it"),
        ("Rule", f"{incident.rule.replace('_', ' ')}, version {incident.rule_version}"),
        ("Told", None if case.history.deliveries else _untold(case.history)),
    ]
    return parts.facts([(key, value) for key, value in pairs if value])


def _untold(history: History) -> str:
    """Its alert stays when its messages go."""
    if history.together:
        return "its messages are so old that they are no longer kept"
    return "nobody: no channel was to hear of it"


def cost(session: Session, case: Case, choice: Choice) -> parts.Children:
    """What it cost; single calls of a very long or busy one are looked at from its end."""
    damage = damages.of_incident(session, case.incident, choice.now_ms)
    if damage is None:
        return html.P("It befell no endpoint: no call has a cost because of it.")
    facts = parts.facts(lines(damage))
    if damage.looked_at.from_ms == case.window.from_ms:
        return facts
    since = fmt.stamp(damage.looked_at.from_ms, choice.zone)
    return [facts, html.P(f"Single calls were looked at since {since}.", className="iw-note")]


def _class(incident: Incident) -> list[tuple[str, parts.Children]]:
    outcome = incident.outcome
    if outcome is None:
        return [("Found", f"{incident.cause}. {figures(incident.rule, incident.facts)}")]
    return [("Class", f"{name(outcome)}. {why(outcome)}"), ("Who answers for it", blame(outcome))]


def _model(endpoint: EndpointFacts, choice: Choice) -> Component:
    return html.A(endpoint.model, href=choice.href(f"/models/{endpoint.model}"))


def _together(history: History, choice: Choice) -> parts.Children:
    others = [each for each in history.together if each.id != history.incident.id]
    shown = [
        html.A(
            each.slug or each.subject or histories.OUR_NETWORK,
            href=choice.href(f"/incidents/{each.id}"),
        )
        for each in others[:_LISTED]
    ]
    words: list[Component | str] = []
    for each in shown:
        words += [", ", each] if words else [each]
    left = len(others) - len(shown)
    return [*words, f" and {left} more"] if left else words


def held(session: Session, case: Case, choice: Choice) -> parts.Children:
    """What was held true around it, by both policies."""
    endpoint = case.history.endpoint
    if endpoint is None:
        return html.P(_NO_CALLS if case.incident.call_id is None else _NO_TRACKS)
    window = _around(case, endpoint, choice)
    found = {policy: slices.between(session, window, policy, [endpoint.id]) for policy in _POLICIES}
    bars = [
        part
        for policy, title in _POLICIES.items()
        for part in tracks.track(title, found[policy], window, choice)
    ]
    everything = [each for spans in found.values() for each in spans]
    is_pending = any(not spans or spans[-1].to_ms < window.to_ms for spans in found.values())
    return [
        tracks.legend(everything, has_pending=is_pending),
        html.Dl([*bars, *tracks.scale(window, choice)], className="iw-tracks"),
    ]


def _around(case: Case, endpoint: EndpointFacts, choice: Choice) -> Window:
    around_ms = max(10 * MINUTE_MS, case.window.length_ms // 6)
    return Window(
        max(endpoint.created_ms, case.window.from_ms - around_ms),
        min(choice.now_ms, case.window.to_ms + around_ms),
    )
