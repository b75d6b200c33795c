"""A story of an outage: a real model is watched, lost and found again, and its monitor killed.

Each chapter does one thing to a running installation, waits until it is noticed, and returns what
it left behind in the ledger, on the page, at the server and at the relay.
"""

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from monitor.domain.calls import Kind
from monitor.domain.health import State
from monitor.domain.outcomes import RULINGS, Group
from monitor.domain.windows import Window
from monitor.storage.engine import Session
from monitor.storage.models.health import OutboxRow
from monitor.storage.queries import health, incidents
from monitor.storage.queries.calls import CallFull
from monitor.storage.queries.incidents import Incident
from tests.browser.site import Visit
from tests.reliability.installation import Installation, wait_for
from tests.reliability.model_server import MODEL, TokenCounts
from tests.reliability.provider import RealProvider, is_answered
from tests.reliability.relay import Exchange

FEWEST_PROBES = 3
UP, DOWN = "The endpoint is up", "1 of 1 endpoint down"
_ALL_TIME = Window(0, 2**52)


@dataclass(frozen=True, slots=True)
class Watched:
    """Some calls, as we, server and relay have them at an instant when no chat is under way."""

    calls: Sequence[CallFull]
    counts: TokenCounts
    chats: Sequence[Exchange]


@dataclass(frozen=True, slots=True)
class Told:
    """What the ledger holds and the open page says, once an outage or its end is known.

    `at_ms` is when the server was stopped or started; `listed` are the open incidents as the page
    lists them.
    """

    at_ms: int
    calls: Sequence[CallFull]
    state: State
    incidents: Sequence[Incident]
    outbox: Sequence[str]
    headline: str
    listed: Sequence[str]
    is_same_page: bool


@dataclass(frozen=True, slots=True)
class Survived:
    """Calls and writing processes before and after a kill, and what doctor then says."""

    before: Sequence[CallFull]
    after: Sequence[CallFull]
    writers: tuple[int, int]
    examination: str


def probes(calls: Sequence[CallFull]) -> list[CallFull]:
    """The calls that asked the model."""
    return [call for call in calls if call.line.kind is Kind.INFER]


def is_good(call: CallFull) -> bool:
    """Whether it passed."""
    return RULINGS[call.line.outcome].group is Group.GOOD


def open_overview(reader: Visit) -> None:
    """Open the page that stays open for the whole story, and mark it."""
    reader.go("/")
    reader.page.evaluate("window.mark = 1")


def watch(provider: RealProvider, installation: Installation, reader: Visit) -> Watched:
    """Wait for some probes, and for the page to say that they pass."""
    reader.page.get_by_role("heading", name=UP).wait_for()

    def look() -> Watched | None:
        chats = provider.list_chats()
        if len(chats) < FEWEST_PROBES or not all(map(is_answered, chats)):
            return None
        calls, counts = installation.list_calls(), provider.count_tokens()
        is_same = len(probes(calls)) == len(chats) == len(provider.list_chats())
        return Watched(calls, counts, chats) if is_same else None

    return wait_for(f"{FEWEST_PROBES} probes", look, installation)


def lose(provider: RealProvider, installation: Installation, reader: Visit) -> Told:
    """Stop the server, and wait until ledger and page say so."""
    at_ms = _now_ms()
    provider.stop()
    wait_for("an incident", lambda: installation.read(_list_incidents), installation)
    reader.page.get_by_role("heading", name=DOWN).wait_for()
    return _tell(installation, reader, at_ms)


def look_at_model(reader: Visit) -> str:
    """Follow the link to the model's page and come back; what its one endpoint's row says."""
    reader.page.locator("#overview-table").get_by_role("link", name=MODEL).first.click()
    row = reader.page.locator("#model-providers tbody tr").inner_text()
    reader.page.go_back()
    reader.page.get_by_role("heading", name=DOWN).wait_for()
    return " ".join(row.split())


def find_again(provider: RealProvider, installation: Installation, reader: Visit) -> Told:
    """Start the server, and wait until ledger and page say so."""
    at_ms = _now_ms()
    provider.start()

    def is_over() -> bool:
        return all(not incident.is_open for incident in installation.read(_list_incidents))

    wait_for("the end of the incident", is_over, installation)
    reader.page.get_by_role("heading", name=UP).wait_for()
    return _tell(installation, reader, at_ms)


def survive(provider: RealProvider, installation: Installation) -> Survived:
    """Kill the monitor in the middle of a probe, and wait for the next one's probe."""
    killed = installation.find_writer()

    def is_asking() -> bool:
        return not is_answered(provider.list_chats()[-1])

    wait_for("a probe under way", is_asking, installation)
    before = installation.list_calls()
    os.kill(killed, signal.SIGKILL)

    def is_probing_on() -> bool:
        is_another = installation.find_writer() != killed
        return is_another and len(probes(installation.list_calls())) > len(probes(before))

    wait_for("a probe of the next monitor", is_probing_on, installation)
    examination = installation.run("doctor").stdout
    writers = killed, installation.find_writer()
    return Survived(before, installation.list_calls(), writers, examination)


def _tell(installation: Installation, reader: Visit, at_ms: int) -> Told:
    return Told(
        at_ms=at_ms,
        calls=installation.list_calls(),
        state=installation.read(_read_state),
        incidents=installation.read(_list_incidents),
        outbox=installation.read(_list_outbox),
        headline=reader.page.locator("h1").inner_text(),
        listed=reader.page.get_by_label("Open incidents").locator("li").all_inner_texts(),
        is_same_page=reader.page.evaluate("window.mark === 1"),
    )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _list_incidents(session: Session) -> list[Incident]:
    return incidents.recent(session, _ALL_TIME)


def _list_outbox(session: Session) -> list[str]:
    return list(session.scalars(select(OutboxRow.transition).order_by(OutboxRow.id)))


def _read_state(session: Session) -> State:
    [standing] = health.standings(session, _now_ms()).values()
    return standing.state
