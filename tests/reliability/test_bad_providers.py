"""Bad providers, the whole way: socket → probe → ledger → state → what the call's page shows.

All of them are asked at once by one monitor, three times each: enough to confirm a failure.
"""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import NamedTuple

import pytest

from monitor.domain.calls import Phase
from monitor.domain.endpoints import Endpoint
from monitor.domain.health import State
from monitor.domain.outcomes import RULINGS, Blame, Outcome
from monitor.domain.prices import CostState
from monitor.domain.usage import UsageState
from monitor.runtime.monitor import Monitor
from monitor.settings.model import Settings
from monitor.storage.queries import calls, endpoints, health, incidents
from monitor.storage.queries.calls import CallFull
from tests.monitors import PRICES, make_settings, with_monitor
from tests.wire.loopback import (
    DONE,
    NEVER,
    RESET,
    USAGE,
    Script,
    Step,
    chunk,
    endpoint_at,
    event,
    good_stream,
    head,
    serving,
    usage_chunk,
    whole,
)

MEASURED, MISSING = UsageState.MEASURED, UsageState.MISSING
COMPUTED, NO_USAGE = CostState.COMPUTED, CostState.NO_USAGE
HTML = "<!doctype html><title>Sign in</title><h1>Guest network</h1>"
REFUSAL = '{"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}'
OVERLOAD = {"error": {"message": "The engine is overloaded", "code": 503}}


class Row(NamedTuple):
    """What a bad provider comes to. `text` is part of the excerpt; `None`: there is none."""

    outcome: Outcome
    blame: Blame
    status: int | None
    phase: Phase
    state: State
    text: str | None
    usage: UsageState = MISSING
    cost: CostState = NO_USAGE
    incident: str | None = "availability"


def send_for_ever(start: bytes, piece: bytes) -> Script:
    def script() -> Iterator[Step]:
        yield start
        while True:
            yield piece

    return script


HUGE = b"x" * 65_536
SLOW = ("silent", "slow")
PROVIDER, NETWORK, ACCOUNT, NOBODY = Blame.PROVIDER, Blame.NETWORK, Blame.ACCOUNT, Blame.NOBODY
# fmt: off
SCRIPTS: dict[str, Script] = {
    "silent": [NEVER],
    "slow": [head(), chunk("po"), NEVER],
    "garbage": [b"\x16\x03\x01\xff\xfenonsense\r\n\r\n"],
    "no JSON": whole(200, "all is well", "text/plain"),
    "HTML": whole(200, HTML, "text/html"),
    "200 with error": whole(200, '{"error": {"message": "The engine is overloaded"}}'),
    "error in stream": [head(), chunk("po"), event(OVERLOAD), DONE],
    "cut": [head(), chunk("po"), RESET],
    "ended": [*good_stream()[:3], "close"],
    "no usage": [*good_stream()[:4], DONE],
    "contradictory usage": [*good_stream()[:4], usage_chunk(
        prompt_tokens_details={"cached_tokens": 99}), DONE],
    "huge": [head(200, "application/json", content_length="99000000") + b"{", *[HUGE] * 30],
    "endless line": send_for_ever(head() + b"data: ", HUGE),
    "endless answer": send_for_ever(head(), chunk("more " * 200)),
    "endless refusal": send_for_ever(head(500), HUGE),
    "empty": [head(), chunk("", role="assistant"), chunk(finish="stop"), usage_chunk(), DONE],
    "bad key": whole(401, REFUSAL),
    "good": [*good_stream(), NEVER],
}
DOWN, UP, UNKNOWN = State.DOWN, State.UP, State.UNKNOWN
ROWS: dict[str, Row] = {
    "unreachable": Row(
        Outcome.TCP_REFUSED, NETWORK, None, Phase.STARTED, DOWN, "ConnectError"),
    "silent": Row(
        Outcome.TIMEOUT_FIRST_TOKEN, PROVIDER, None, Phase.SENT, DOWN, "TimeoutError"),
    "slow": Row(
        Outcome.TIMEOUT_TOTAL, PROVIDER, 200, Phase.FIRST_TOKEN, DOWN, "TimeoutError"),
    "garbage": Row(
        Outcome.MALFORMED, PROVIDER, None, Phase.SENT, DOWN, "RemoteProtocolError"),
    "no JSON": Row(
        Outcome.MALFORMED, PROVIDER, 200, Phase.DONE, DOWN, "neither events nor a completion"),
    "HTML": Row(
        Outcome.MALFORMED, PROVIDER, 200, Phase.DONE, DOWN, "HTML instead of an answer: <!doc"),
    "200 with error": Row(
        Outcome.OVERLOADED, PROVIDER, 200, Phase.DONE, DOWN, "The engine is overloaded"),
    "error in stream": Row(
        Outcome.OVERLOADED, PROVIDER, 200, Phase.DONE, DOWN, "The engine is overloaded"),
    "cut": Row(Outcome.STREAM_CUT, PROVIDER, 200, Phase.FIRST_TOKEN, DOWN, "ReadError"),
    "ended": Row(
        Outcome.STREAM_CUT, PROVIDER, 200, Phase.DONE, DOWN, "ended before its end marker"),
    "no usage": Row(Outcome.WRONG_ANSWER, NOBODY, 200, Phase.DONE, UP, None, incident=None),
    "contradictory usage": Row(
        Outcome.WRONG_ANSWER, NOBODY, 200, Phase.DONE, UP, "usage not counted", incident=None),
    "huge": Row(Outcome.MALFORMED, PROVIDER, 200, Phase.DONE, DOWN, "over 192 KiB"),
    "endless line": Row(Outcome.MALFORMED, PROVIDER, 200, Phase.DONE, DOWN, "KiB"),
    "endless answer": Row(
        Outcome.MALFORMED, PROVIDER, 200, Phase.FIRST_TOKEN, DOWN, "body over 4096 KiB"),
    "endless refusal": Row(Outcome.SERVER_ERROR, PROVIDER, 500, Phase.DONE, DOWN, "xxx"),
    "empty": Row(
        Outcome.EMPTY_RESPONSE, PROVIDER, 200, Phase.DONE, DOWN, "finished without content",
        MEASURED, COMPUTED),
    "bad key": Row(
        Outcome.AUTH, ACCOUNT, 401, Phase.DONE, UNKNOWN, "Incorrect API key provided",
        incident="account"),
    "good": Row(
        Outcome.WRONG_ANSWER, NOBODY, 200, Phase.DONE, UP, None, MEASURED, COMPUTED, None),
}
# fmt: on


@dataclass(frozen=True, slots=True)
class Found:
    """What the ledger holds of one provider after three probes."""

    calls: list[CallFull]
    state: State
    incidents: list[str]

    @property
    def excerpt(self) -> str | None:
        detail = self.calls[-1].detail
        return None if detail is None else detail.excerpt


def endpoint_of(name: str, url: str) -> Endpoint:
    endpoint = endpoint_at(url, timeout_s=2 if name in SLOW else 30)
    target = replace(endpoint.target, id=f"{name}@k", provider=name)
    return replace(endpoint, id=f"{name}/m-1", target=target, interval_s=300)


#: A failure has to last to be more than a blip: each round is a while after the one before.
LATER_NS = 11_000_000_000


async def probe_all(settings: Settings, refused_url: str) -> dict[str, Found]:
    """What becomes of three probes of each provider of the table."""
    async with AsyncExitStack() as stack:
        urls = {"unreachable": refused_url}
        for name, script in SCRIPTS.items():
            urls[name] = (await stack.enter_async_context(serving(script))).url
        watched = tuple(endpoint_of(name, url) for name, url in urls.items())
        bad = replace(
            settings,
            endpoints=watched,
            targets=tuple(e.target for e in watched),
            prices={e.id: PRICES for e in watched},
        )

        async def use(monitor: Monitor) -> dict[str, Found]:
            # Apart: who sends without end keeps our event loop too busy to time the slow ones.
            slow = [e for e in watched if e.target.provider in SLOW]
            quick = [e for e in watched if e.target.provider not in SLOW]
            for together in (quick, slow) * 3:
                await asyncio.gather(*map(monitor.prober.check, together))
                monitor.clock._offset_ns += LATER_NS
            return look(monitor, watched)

        return await with_monitor(bad, use)


def look(monitor: Monitor, watched: Sequence[Endpoint]) -> dict[str, Found]:
    with monitor.database.reading() as session:
        numbers = {facts.slug: facts.id for facts in endpoints.watched(session)}
        standings = health.standings(session, monitor.clock.now_ms())
        opened = incidents.open_incidents(session)
        found = {}
        for endpoint in watched:
            number = numbers[endpoint.id]
            lines = calls.page(session, calls.CallFilter(endpoint_ids=[number])).lines
            full = [calls.detail(session, line.id) for line in lines]
            found[endpoint.target.provider] = Found(
                [each for each in full if each is not None],
                standings[number].state,
                [each.kind for each in opened if each.endpoint_id == number],
            )
    return found


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Found]:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # nobody listens there, and nobody else gets it
        refused_url = f"http://127.0.0.1:{held.getsockname()[1]}/v1"
        settings = make_settings(tmp_path_factory.mktemp("bad"), refused_url)
        return asyncio.run(probe_all(settings, refused_url))


@pytest.mark.parametrize("name", ROWS)
def test_a_bad_provider_has_its_outcome_its_blame_and_its_state(
    found: dict[str, Found], name: str
) -> None:
    row, (line, *others) = ROWS[name], [each.line for each in found[name].calls]

    assert (line.outcome, RULINGS[line.outcome].blame, line.http_status, line.phase) == (
        row.outcome, row.blame, row.status, row.phase)  # fmt: skip
    assert {other.outcome for other in others} == {row.outcome}
    assert (found[name].state, found[name].incidents) == (
        row.state, [row.incident] if row.incident else [])  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_what_is_not_known_of_a_bad_answer_is_no_zero(found: dict[str, Found], name: str) -> None:
    row, call = ROWS[name], found[name].calls[0]

    assert (call.line.usage_state, call.line.cost_state) == (row.usage, row.cost)
    assert (call.usage is None, call.line.cost_nano_usd is None) == (
        (False, False) if row.usage is MEASURED else (True, True)
    )


@pytest.mark.parametrize("name", ROWS)
def test_the_calls_page_says_what_was_wrong(found: dict[str, Found], name: str) -> None:
    excerpt = found[name].excerpt

    assert (excerpt is None) == (ROWS[name].text is None)
    assert (ROWS[name].text or "") in (excerpt or "")
    assert len(excerpt or "") <= 300


def test_a_measured_answer_costs_what_its_tokens_do(found: dict[str, Found]) -> None:
    cost_nano_usd = found["good"].calls[0].line.cost_nano_usd

    assert cost_nano_usd == USAGE["prompt_tokens"] * 150 + USAGE["completion_tokens"] * 600
