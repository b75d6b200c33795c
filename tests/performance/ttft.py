"""TTFT: ours against that of a relay on the wire, over probes of a real model.

The relay's is the time from the first byte of the request to the first event with content.
"""

import asyncio
import json
import time
from statistics import median

from monitor.domain.calls import Call
from monitor.domain.endpoints import Endpoint, Flavour, Target
from monitor.probes.infer import probe
from monitor.wire.transport import Transport
from tests.performance.figures import Figure
from tests.reliability.model_server import MODEL, run_model_server
from tests.reliability.relay import Exchange, Relay, run_relay

_LEAST_S, _SHARE = 0.005, 0.1


def measure(probes: int = 20) -> list[Figure]:
    """The median difference, and what it is a part of."""
    with run_model_server() as server, run_relay(server.port) as relay:
        asyncio.run(_probe(relay, 1))
        relay.chunks.clear()
        pairs = asyncio.run(_probe(relay, probes))
    ours_s, theirs_s = zip(*pairs, strict=True)
    apart_s = median(abs(ours - theirs) for ours, theirs in pairs)
    goal_s = max(_LEAST_S, _SHARE * median(theirs_s))
    return [
        Figure(
            "ttft_difference_ms",
            apart_s * 1_000,
            "ms",
            f"TTFT, ours and on the wire: median difference over {probes} probes",
            goal_s * 1_000,
            is_ceiling=True,
        ),
        Figure("ttft_ours_ms", median(ours_s) * 1_000, "ms", "TTFT of a small model, ours"),
        Figure(
            "ttft_wire_ms", median(theirs_s) * 1_000, "ms", "TTFT of a small model, on the wire"
        ),
    ]


async def _probe(relay: Relay, probes: int) -> list[tuple[float, float]]:
    target = Target("real@default", "real", relay.base_url, Flavour.OPENAI_CHAT, "default", None)
    endpoint = Endpoint(f"real/{MODEL}", target, MODEL, MODEL)
    async with Transport() as transport:
        return [
            _pair(await probe(endpoint, transport, _now_ms, f"{n}"), relay) for n in range(probes)
        ]


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _pair(call: Call, relay: Relay) -> tuple[float, float]:
    ttft_s = call.timings.ttft_s
    if ttft_s is None:
        raise RuntimeError(f"a probe of the real model got no token: {call.outcome}")
    return ttft_s, find_ttft_s(relay.list_exchanges()[-1])


def find_ttft_s(exchange: Exchange) -> float:
    """From the first byte of the request to the event with the first content."""
    first = next(event for event in exchange.list_events() if _has_content(event.data))
    return first.at_s - exchange.request[0].at_s


def _has_content(data: str) -> bool:
    if data == "[DONE]":
        return False
    return any(choice["delta"].get("content") for choice in json.loads(data)["choices"])
