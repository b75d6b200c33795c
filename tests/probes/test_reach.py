from collections.abc import Sequence
from itertools import count

import pytest

from monitor.domain.calls import Call, Kind
from monitor.domain.endpoints import Flavour
from monitor.domain.outcomes import RULINGS, Outcome
from monitor.domain.prices import CostState
from monitor.domain.usage import Usage, UsageState
from monitor.probes.reach import probe
from monitor.wire.transport import Transport
from tests.wire.loopback import CANARY, Provider, Step, endpoint_at, whole, with_provider


def reach(script: Sequence[Step]) -> Call:
    async def use(provider: Provider) -> Call:
        async with Transport() as transport:
            target = endpoint_at(provider.url).target
            call = await probe(target, transport, count(1_000).__next__)
        assert provider.requests[0].startswith(b"GET /v1/models HTTP/1.1")
        return call

    return with_provider(script, use)


def test_a_list_of_models_is_an_ok_call_on_the_target() -> None:
    call = reach(whole(200, '{"data": []}'))

    assert (call.endpoint, call.kind, call.outcome) == ("p@k", Kind.REACH, Outcome.OK)


@pytest.mark.parametrize("status", [200, 401, 500])
def test_a_check_costs_nothing_whatever_comes_of_it(status: int) -> None:
    call = reach(whole(status, "[]"))

    assert (call.usage, call.usage_state) == (Usage(), UsageState.MEASURED)
    assert (call.cost_nano_usd, call.cost_state) == (0, CostState.COMPUTED)


@pytest.mark.parametrize("status", [404, 405])
def test_a_server_without_a_list_is_never_charged(status: int) -> None:
    call = reach(whole(status, '{"error": "model not found"}'))

    assert call.outcome is Outcome.BAD_REQUEST
    assert not RULINGS[call.outcome].is_charged


def test_where_the_list_of_models_is_public_the_key_itself_is_asked_for() -> None:
    async def use(provider: Provider) -> tuple[Call, bytes]:
        async with Transport() as transport:
            target = endpoint_at(provider.url, flavour=Flavour.OPENROUTER).target
            call = await probe(target, transport, count(1_000).__next__)
        return call, provider.requests[0]

    call, request = with_provider(whole(401, '{"error": {"code": 401}}'), use)

    assert call.outcome is Outcome.AUTH
    assert request.startswith(b"GET /v1/key HTTP/1.1")


def test_a_bad_key_is_seen_without_spending() -> None:
    assert reach(whole(401, f"no such key: {CANARY}")).outcome is Outcome.AUTH


def test_no_call_holds_the_key() -> None:
    assert CANARY not in repr(reach(whole(401, f"no such key: {CANARY}")))
