"""Budgets and turns over a real ledger and a provider on loopback, many probes at once."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import pytest

from monitor.domain.calls import Kind
from monitor.domain.capabilities import Capability
from monitor.domain.endpoints import Endpoint
from monitor.domain.outcomes import Outcome
from monitor.domain.purposes import INFER, PERFORMANCE, Purpose
from monitor.runtime.monitor import Monitor
from monitor.services.rounds import Probed, Skipped
from monitor.settings.model import Settings
from monitor.storage.gaps import GapReason
from monitor.storage.queries import capabilities
from tests.monitors import LARGE, PRICES, SMALL, make_settings, with_monitor

T = TypeVar("T")
USAGE = {"prompt_tokens": 40, "completion_tokens": 16, "total_tokens": 56}
ANSWER = json.dumps(
    {
        "choices": [{"message": {"content": "no idea"}, "finish_reason": "stop"}],
        "usage": USAGE,
    }
).encode()


@dataclass
class Provider:
    """Answers each request after a while, and counts how many are under way."""

    url: str = ""
    lasts_s: float = 0.15
    asked: int = 0
    at_once: int = 0
    most_at_once: int = 0
    retry_after: str | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
            await reader.readexactly(length)
            self.asked += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            await asyncio.sleep(self.lasts_s)
            self.at_once -= 1
            writer.write(self._answer())
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def _answer(self) -> bytes:
        status, more = "200 OK", ""
        if self.retry_after is not None:
            status, more = "429 Too Many Requests", f"Retry-After: {self.retry_after}\r\n"
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{more}"
        return f"{head}Content-Length: {len(ANSWER)}\r\n\r\n".encode() + ANSWER


@asynccontextmanager
async def providing() -> AsyncIterator[Provider]:
    provider = Provider()
    server = await asyncio.start_server(provider.serve, "127.0.0.1", 0)
    provider.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield provider
    finally:
        server.close()


Use = Callable[[Monitor, Provider], Awaitable[T]]


def run(folder: Path, use: Use[T], revise: Callable[[Settings], Settings] = lambda s: s) -> T:
    async def main() -> T:
        async with providing() as provider:
            settings = revise(make_settings(folder, provider.url))
            return await with_monitor(settings, lambda monitor: use(monitor, provider))

    return asyncio.run(main())


def small(monitor: Monitor) -> Endpoint:
    return monitor.prober.endpoints[SMALL]


def most(monitor: Monitor) -> int:
    return monitor.prober.plan.of(SMALL).most_nano_usd or 0


async def infer_at_once(monitor: Monitor, count: int) -> list[Probed | Skipped]:
    probing = (monitor.prober.probe(small(monitor), INFER) for _ in range(count))
    return await asyncio.gather(*probing)


def test_no_number_of_probes_at_once_overruns_the_cap(tmp_path: Path) -> None:
    async def use(monitor: Monitor, provider: Provider) -> tuple[int, int]:
        found = await infer_at_once(monitor, 12)
        # One that looks once another has begun is a closer look, and refused as that.
        return provider.asked, sum(isinstance(each, Skipped) for each in found)

    budget = 3 * probe_most(tmp_path)
    capped = run(tmp_path, use, lambda s: replace(s, probe_budget_nano_usd_per_day=budget))

    assert capped == (3, 9)


def probe_most(folder: Path) -> int:
    async def use(monitor: Monitor, _: Provider) -> int:
        return most(monitor)

    return run(folder, use)


def test_a_providers_own_cap_stops_it_and_no_other(tmp_path: Path) -> None:
    async def use(monitor: Monitor, provider: Provider) -> int:
        await infer_at_once(monitor, 6)
        return provider.asked

    budget = 2 * probe_most(tmp_path)
    own = {"aurora": budget}
    asked = run(tmp_path, use, lambda s: replace(s, provider_budgets_nano_usd_per_day=own))
    others = {"borealis": 0}
    free = run(tmp_path, use, lambda s: replace(s, provider_budgets_nano_usd_per_day=others))

    assert (asked, free) == (2, 6)


@pytest.mark.parametrize("concurrency", [1, 3])
def test_only_so_many_probes_of_a_provider_are_under_way(tmp_path: Path, concurrency: int) -> None:
    async def use(monitor: Monitor, provider: Provider) -> tuple[int, bool]:
        provider.lasts_s = 0.1
        found = await infer_at_once(monitor, 6)
        calls = [each.call for each in found if isinstance(each, Probed)]
        # Who waited for a turn did so before the clock started.
        is_quick = all((call.timings.total_s or 9) < 2 * provider.lasts_s for call in calls)
        return provider.most_at_once, is_quick

    def limit(settings: Settings) -> Settings:
        targets = [replace(t, concurrency=concurrency) for t in settings.targets]
        endpoints = [replace(e, target=targets[0]) for e in settings.endpoints]
        return replace(settings, targets=tuple(targets), endpoints=tuple(endpoints))

    assert run(tmp_path, use, limit) == (concurrency, True)


def test_an_edit_of_the_settings_gives_no_money_twice(tmp_path: Path) -> None:
    async def use(monitor: Monitor, provider: Provider) -> int:
        probing = [monitor.prober.probe(e, INFER) for e in monitor.prober.endpoints.values()]
        first = asyncio.gather(*probing)
        while provider.at_once < 2:  # noqa: ASYNC110 - what is waited for is no event
            await asyncio.sleep(0.01)
        await monitor.rearrange()
        await infer_at_once(monitor, 2)
        await first
        return provider.asked

    budget = 2 * probe_most(tmp_path)
    assert run(tmp_path, use, lambda s: replace(s, probe_budget_nano_usd_per_day=budget)) == 2


def test_a_rate_limit_holds_everything_behind_its_target(tmp_path: Path) -> None:
    async def use(monitor: Monitor, provider: Provider) -> list[object]:
        provider.retry_after = "120"
        await monitor.prober.probe(small(monitor), INFER)
        large = monitor.prober.endpoints[LARGE]
        return [
            await monitor.prober.probe(small(monitor), INFER),
            await monitor.prober.probe(large, PERFORMANCE),
            await monitor.prober.reach(large.target),
            provider.asked,
        ]

    *held, asked = run(tmp_path, use)
    assert asked == 1
    for each in held:
        assert isinstance(each, Skipped)
        assert each.reason is GapReason.HELD
        assert 115 < each.again[0].delay_s <= 120


def test_every_kind_is_recorded_for_what_it_is(tmp_path: Path) -> None:
    async def use(monitor: Monitor, _: Provider) -> list[tuple[object, object]]:
        tool = Purpose(Kind.CAPABILITY, Capability.TOOL)
        kinds: list[tuple[object, object]] = []
        for purpose in (INFER, PERFORMANCE, tool):
            probed = await monitor.prober.probe(small(monitor), purpose)
            assert isinstance(probed, Probed)
            kinds.append((probed.call.kind, probed.call.outcome))
        with monitor.database.reading() as session:
            [tested] = capabilities.newest_tests(session)
        kinds.append((tested.capability, tested.outcome))
        return kinds

    def able(settings: Settings) -> Settings:
        first, *others = settings.endpoints
        return replace(
            settings,
            endpoints=(replace(first, capabilities=(Capability.TOOL,)), *others),
            prices={SMALL: PRICES, LARGE: PRICES},
        )

    assert run(tmp_path, use, able) == [
        (Kind.INFER, Outcome.WRONG_ANSWER),
        (Kind.PERFORMANCE, Outcome.OK),
        (Kind.CAPABILITY, Outcome.WRONG_ANSWER),
        (Capability.TOOL, Outcome.WRONG_ANSWER),
    ]
