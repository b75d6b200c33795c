"""States: what an endpoint's state is called, and its place in a list with the worst first."""

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components.cells import Cell, state
from monitor.domain.health import State
from monitor.storage.queries.endpoints import EndpointFacts
from monitor.storage.queries.health import Standing

_WORDS = {
    State.DOWN: "Down",
    State.DEGRADED: "Degraded",
    State.UNKNOWN: "Unknown",
    State.UP: "Up",
}
_ORDER = list(_WORDS)


def word_of(state: State) -> str:
    """What a state is called."""
    return _WORDS[state]


def rank(standing: Standing | None) -> int:
    """0 for what needs a look first."""
    if standing is None:
        return _ORDER.index(State.UNKNOWN) * 2 + 1
    if is_aside(standing):
        return len(_ORDER) * 2
    is_checking = standing.first_failed_ms is not None
    return _ORDER.index(standing.state) * 2 + (not is_checking)


def is_down(standing: Standing | None) -> bool:
    """Whether an endpoint is known to be down, and nobody said that it would be."""
    is_expected = standing is not None and standing.is_in_maintenance
    return standing is not None and standing.state is State.DOWN and not is_expected


def is_aside(standing: Standing | None) -> bool:
    """Whether somebody said not to look: it is in maintenance, or paused."""
    return standing is not None and (standing.is_in_maintenance or standing.is_paused)


def state_cell(endpoint: EndpointFacts, standing: Standing | None, choice: Choice) -> Cell:
    """The state of an endpoint, and since when."""
    if endpoint.retired_ms is not None:
        since = fmt.clock(endpoint.retired_ms, choice.zone, choice.now_ms)
        return state("paused", "Retired", below=f"since {since}", sort=99)
    if standing is not None and is_aside(standing):
        return _aside_cell(standing)
    if standing is None or standing.last_tick_ms is None:
        below = "no verdict yet" if endpoint.is_probed else "not probed"
        return state("unknown", "Unknown", below=below, sort=rank(standing))
    if standing.state is not State.DOWN and standing.first_failed_ms is not None:
        since = fmt.clock(standing.first_failed_ms, choice.zone, choice.now_ms)
        return state("checking", "Checking", below=f"failing since {since}", sort=rank(standing))
    since = fmt.clock(standing.since_ms, choice.zone, choice.now_ms)
    word = _WORDS[standing.state]
    return state(standing.state.value, word, below=f"since {since}", sort=rank(standing))


def _aside_cell(standing: Standing) -> Cell:
    """What is known beneath maintenance or a pause is told below it."""
    word = _WORDS[standing.state].lower()
    if standing.is_in_maintenance:
        below = f"{word} beneath it"
        return state("maintenance", "Maintenance", below=below, sort=rank(standing))
    below = "nobody probes it" if standing.state is State.UNKNOWN else f"{word} by the last probe"
    return state("paused", "Paused", below=below, sort=rank(standing))
