"""Sources of prices on the network: what they say is proposed, whatever else they send."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.endpoints import Endpoint, Flavour, Pins, Target
from monitor.domain.feeds import Feed, FeedKind, Feeds, Policy
from monitor.domain.prices import PriceList, Rate, in_force
from monitor.domain.retirements import Retirement
from monitor.runtime.feeds import Asker, ask_feeds
from monitor.services import feeds, prices, proposals
from monitor.services.feeds import Outcome
from monitor.services.prices import OwnPrice
from monitor.settings.model import Settings
from monitor.storage import feeds as rows
from monitor.storage import retirements
from monitor.storage.engine import Database, Session
from monitor.wire import feeds as wire
from monitor.wire.transport import Transport
from tests.making import ENDPOINT, MONDAY_MS, OTHER, load_reference, open_database
from tests.monitors import make_settings, run_provider, with_monitor
from tests.wire.loopback import NEVER, RESET, Script, Step, serving

HOUR_MS = 3_600_000
NOW_MS = MONDAY_MS + HOUR_MS
HEAD = "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {n}\r\n{more}\r\n"


def answer(body: object, more: str = "", status: str = "200 OK") -> bytes:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HEAD.format(status=status, n=len(content), more=more).encode() + content


def table(name: str = "small", usd: object = 3e-06, **fields: object) -> dict[str, Any]:
    """LiteLLM's: the small model costs $2.50, $1.25 and $10 a million until now."""
    cached, out = {"cache_read_input_token_cost": 1.25e-06}, {"output_cost_per_token": 1e-05}
    entry = {"litellm_provider": "x", "input_cost_per_token": usd, **cached, **out, **fields}
    return {name: entry}


class Installation:
    """A ledger, and whoever asks its feeds."""

    def __init__(self, folder: Path, policy: Policy = Policy.BY_HAND) -> None:
        self.database = open_database(folder)
        self.policy = policy
        self.folder = folder
        self.endpoints: tuple[Endpoint, ...] = (ENDPOINT, OTHER)

    async def ask(
        self, url: str, now_ms: int = NOW_MS, kind: FeedKind = FeedKind.LITELLM, name: str = "feed"
    ) -> Outcome:
        sources = Feeds((Feed(name, kind, url),), policy=self.policy)
        settings = replace(make_bare(self.folder), endpoints=self.endpoints, feeds=sources)

        async def write(task: Callable[[Session], Outcome]) -> Outcome:
            with self.database.writing() as session:
                return task(session)

        async with Transport() as transport:
            asker = Asker(settings, self.database, transport, write, lambda: now_ms)
            [outcome] = await asker.ask_all(only_due=False)
            assert not transport.clients
        return outcome

    def ask_script(self, script: Script, now_ms: int = NOW_MS) -> Outcome:
        """What becomes of a feed that plays a script."""

        async def run() -> Outcome:
            async with serving(script) as provider:
                return await self.ask(provider.url, now_ms)

        return asyncio.run(run())

    def opened(self) -> list[proposals.Disagreement]:
        with self.database.reading() as session:
            return proposals.disagreements(session, NOW_MS, only_open=True)

    def holds(self, endpoint: str = ENDPOINT.id) -> PriceList | None:
        return in_force(load_reference(self.database).tariff(endpoint).prices, NOW_MS + HOUR_MS)


def make_bare(folder: Path) -> Settings:
    (folder / "else").mkdir(exist_ok=True)
    return make_settings(folder / "else", "http://127.0.0.1:1/v1")


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def test_what_a_feed_says_is_proposed_and_changes_nothing(here: Installation) -> None:
    before = here.holds()
    outcome = here.ask_script([answer(table(input_cost_per_second=1))])

    assert (outcome.new, outcome.accepted, outcome.asked.said) == (1, (), 1)
    assert outcome.asked.remarks == (
        "input_cost_per_second is not understood, and left out (small)",
    )
    assert here.opened()[0].differs == {"input": (2_500_000, 3_000_000)}
    assert here.holds() == before


def test_a_feed_that_no_longer_names_the_end_of_a_model_takes_it_back(here: Installation) -> None:
    ends, number = (
        date(2027, 1, 14).toordinal(),
        load_reference(here.database).endpoint_ids[ENDPOINT.id],
    )
    held = []
    for told in ({"deprecation_date": "2027-01-14"}, {}):
        here.ask_script([answer(table(**told))])
        with here.database.reading() as session:
            held.append(retirements.every(session))

    assert held == [{number: Retirement(number, ends, "feed")}, {}]


def deep() -> bytes:
    return b'{"a":' * 100_000 + b"1" + b"}" * 100_000


def heavy() -> list[Step]:
    """A hundred megabytes, of which only as much is read as the bound allows."""
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n"
    return [head, *[b"[" + b" " * 1_000_000] * 100]


HOSTILE: dict[str, tuple[Any, str]] = {
    "no JSON": ([answer(b"<html>")], "what it sends is not JSON"),
    "nothing": ([answer(b"")], "what it sends is not JSON"),
    "another table": ([answer({"hello": 1})], "what it sends is none of LiteLLM's table"),
    "deep": ([answer(deep())], "what it sends is not JSON"),
    "many values": ([answer(b"[" + b"1," * 1_000_001 + b"1]")], "of over 1000000 values"),
    "heavy": (heavy, "is over 16 MiB"),
    "an error": ([answer({"error": "no"}, status="500 Oops")], "answers with status 500, not 200"),
    "moved": (
        [answer(b"", "location: http://evil.example/\r\n", "302 Found")],
        "answers with status 302, not 200",
    ),
    "unasked 304": ([answer(b"", status="304 Same")], "answers with status 304, not 200"),
    "cut short": (
        [answer(table())[:-40], RESET],
        "it could not be fetched:",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_whatever_a_feed_sends_a_clear_remark_is_all_that_is_written(
    here: Installation, case: str
) -> None:
    script, told = HOSTILE[case]
    outcome = here.ask_script(script)

    assert told in (outcome.asked.error or "")
    assert len(outcome.asked.error or "") < 300
    assert outcome.asked.succeeded_ms is None
    assert here.opened() == []


@pytest.mark.parametrize(
    "usd", ["NaN", -1e-06, 10**30, "1" * 5_000, [2.5e-06], {"usd": 1}, True, None, 1e308]
)
def test_what_is_no_price_is_no_proposal(here: Installation, usd: object) -> None:
    here.ask_script([answer(table(usd=usd))])

    assert all("input" not in each.differs for each in here.opened())


def test_a_feed_that_never_ends_is_given_up(
    here: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "TIMEOUT_S", 0.2)
    outcome = here.ask_script([answer(table())[:-40], NEVER])

    assert (outcome.asked.error or "").startswith("it could not be fetched:")


def test_nobody_at_home_is_told(here: Installation) -> None:
    outcome = asyncio.run(here.ask("http://127.0.0.1:9/prices.json"))

    assert (outcome.asked.error or "").startswith("it could not be fetched:")


def test_a_feed_that_breaks_leaves_what_it_said_and_when_it_last_succeeded(
    here: Installation,
) -> None:
    async def run() -> Outcome:
        bodies = iter([answer(table()), answer(b"<html>")])
        async with serving(lambda: iter([next(bodies)])) as provider:
            await here.ask(provider.url)
            return await here.ask(provider.url, NOW_MS + HOUR_MS)

    asked = asyncio.run(run()).asked

    assert (asked.succeeded_ms, asked.tried_ms) == (NOW_MS, NOW_MS + HOUR_MS)
    assert (asked.said, asked.error) == (1, "what it sends is not JSON")
    assert len(here.opened()) == 1


def test_a_feed_is_asked_only_whether_it_is_new_until_other_models_are_watched(
    here: Installation,
) -> None:
    async def run() -> list[bytes]:
        bodies = iter(
            [answer(table(), 'etag: "v1"\r\n'), answer(b"", status="304 Same"), answer(table())]
        )
        async with serving(lambda: iter([next(bodies)])) as provider:
            await here.ask(provider.url)
            same = await here.ask(provider.url, NOW_MS + HOUR_MS)
            assert (same.new, same.asked.succeeded_ms) == (0, NOW_MS + HOUR_MS)
            here.endpoints = (ENDPOINT,)
            await here.ask(provider.url, NOW_MS + 2 * HOUR_MS)
            return provider.requests

    first, second, third = asyncio.run(run())

    assert [b'if-none-match: "v1"' in each.lower() for each in (first, second, third)] == [
        False,
        True,
        False,
    ]
    assert len(here.opened()) == 1


def test_an_older_feed_never_takes_the_place_of_a_newer_word(here: Installation) -> None:
    own = OwnPrice(ENDPOINT.id, (Rate("input", 7),), "alice")
    with here.database.writing() as session:
        prices.set_own(session, own, NOW_MS)
    here.policy = Policy.WITHIN_REASON
    old = "last-modified: Sun, 01 Mar 2026 00:00:00 GMT\r\n"
    outcome = here.ask_script([answer(table(), old)], NOW_MS + HOUR_MS)

    assert (outcome.new, outcome.accepted) == (0, ())
    assert here.opened() == []


@pytest.mark.parametrize(
    ("usd", "holds"),
    [
        (3e-06, 3_000_000),  # within reason
        (2.5e-05, 2_500_000),  # ten times as much
        (2.5, 2_500_000),  # dollars a million taken for dollars a token
        (2.5e-12, 2_500_000),  # the other way
        (0, 2_500_000),  # free from now on
    ],
)
def test_the_policy_accepts_what_is_within_reason_and_holds_the_rest(
    tmp_path: Path, usd: float, holds: int
) -> None:
    here = Installation(tmp_path, Policy.WITHIN_REASON)
    here.ask_script([answer(table(usd=usd))])
    standing = here.holds()

    assert standing is not None
    assert standing.rates[0] == Rate("input", holds)
    assert len(here.opened()) == (holds == 2_500_000)


def test_the_policy_does_not_go_against_a_price_that_a_user_set(tmp_path: Path) -> None:
    here = Installation(tmp_path, Policy.WITHIN_REASON)
    own = OwnPrice(ENDPOINT.id, (Rate("input", 2_800_000), Rate("output", 10_000_000)), "alice")
    with here.database.writing() as session:
        prices.set_own(session, own, MONDAY_MS)
    outcome = here.ask_script([answer(table())])

    assert (outcome.new, outcome.accepted) == (1, ())
    assert len(here.opened()) == 1


def test_a_first_price_in_dollars_a_million_is_held(tmp_path: Path) -> None:
    here = Installation(tmp_path, Policy.WITHIN_REASON)
    here.ask_script([answer(table("large", usd=2.5))])

    assert here.holds(OTHER.id) is None
    assert "is that dollars a million tokens" in here.opened()[0].proposal.doubts


def test_openrouter_is_asked_for_its_models_and_for_who_serves_those_that_are_pinned(
    tmp_path: Path,
) -> None:
    with run_provider() as provider:
        base_url = f"{provider.root}/foehn/api/v1"
        target = Target("or@k", "or", base_url, Flavour.OPENROUTER, "k", None)
        model = "foehn/warm-1"
        any_, one = (
            Endpoint("or/any", target, model, model),
            Endpoint("or/one", target, model, model, pins=Pins(only=("stratus",))),
        )
        here = Installation(tmp_path)
        here.database.close()
        here.database = open_database(tmp_path, (any_, one), {})
        here.endpoints = (any_, one)
        outcome = asyncio.run(here.ask(base_url, kind=FeedKind.OPENROUTER))

    said = {each.endpoint: each.proposal.price.rates[0].pico_usd for each in here.opened()}
    assert outcome.asked.error is None
    assert said == {"or/any": 1_000_000, "or/one": 1_100_000}


def test_a_file_is_a_feed_as_of_when_it_was_written(here: Installation, tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    file.write_text(json.dumps(table()), "utf-8")
    outcome = asyncio.run(here.ask(str(file), 2 * 10**12))

    assert outcome.asked.as_of_ms == int(file.stat().st_mtime * 1000)
    missing = asyncio.run(here.ask(str(tmp_path / "gone.json")))
    assert "cannot be read: No such file" in (missing.asked.error or "")


def due(database: Database, sources: Feeds, now_ms: int) -> list[str]:
    with database.reading() as session:
        return [feed.name for feed in feeds.due(session, sources, now_ms)]


def test_a_feed_is_due_by_its_interval_and_after_a_failure_within_the_hour(
    here: Installation,
) -> None:
    feed = Feed("feed", FeedKind.LITELLM, "http://127.0.0.1:9")
    sources = Feeds((feed,))
    assert due(here.database, sources, NOW_MS) == ["feed"]
    with here.database.writing() as session:
        feeds.note_failure(session, feed, "no", NOW_MS)
    assert due(here.database, sources, NOW_MS + HOUR_MS - 1) == []
    assert due(here.database, sources, NOW_MS + HOUR_MS) == ["feed"]
    with here.database.writing() as session:
        rows.put(session, rows.Asked(feed, NOW_MS, NOW_MS))
    assert due(here.database, sources, NOW_MS + 23 * HOUR_MS) == []
    assert due(here.database, sources, NOW_MS + 24 * HOUR_MS) == ["feed"]
    assert due(here.database, sources, NOW_MS - 1) == ["feed"]  # the clock was set back


def test_a_running_monitor_plans_by_what_a_feed_brought(tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    names = ("aurora-small", "aurora-large")
    listed = [table(name, output_cost_per_token=5e-07) for name in names]
    file.write_text(json.dumps(listed[0] | listed[1]), "utf-8")
    sources = Feeds((Feed("f", FeedKind.LITELLM, str(file)),), policy=Policy.WITHIN_REASON)
    with run_provider() as provider:
        settings = make_settings(tmp_path, provider.base_url, prices={}, feeds=sources)

        async def use(monitor: Any) -> tuple[Any, Any]:  # noqa: ANN401
            before = monitor.arranged.plan.day_nano_usd
            await ask_feeds(monitor)
            return before, monitor.arranged.plan.day_nano_usd

        before, after = asyncio.run(with_monitor(settings, use))

    assert before == 0
    assert after > 0
