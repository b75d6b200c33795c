from dataclasses import replace

import pytest

from monitor.domain.calls import Call, Kind, Origin
from monitor.domain.endpoints import Flavour, Target
from monitor.domain.outcomes import CONNECTION_LEVEL, LocalFailure, Outcome
from monitor.probes.witness import Verdict, apply, choose_witnesses, is_online, is_private
from monitor.wire.connect import Host, host_of
from monitor.wire.transport import Transport
from tests.wire.loopback import NEVER, Provider, with_provider

DEFAULTS = (Host("one.example.com", 443), Host("two.example.com", 443))
CALL = Call("p/m", Origin.PROBE, Kind.INFER, 0, 1, Outcome.DNS)


def target(provider: str, base_url: str) -> Target:
    return Target(f"{provider}@k", provider, base_url, Flavour.OPENAI_CHAT, "k", None)


OURS = target("a", "https://api.a.com/v1")


def apply_to(call: Call, *others: Host, is_open: bool = False) -> Call:
    """The call after the rule, with a witness that answers among the others or not."""

    async def use(provider: Provider) -> Call:
        answering = (host_of(provider.url),) if is_open else ()
        async with Transport() as transport:
            return await apply(call, (*others, *answering), transport)

    return with_provider([NEVER], use)


def test_two_other_providers_are_asked_first() -> None:
    others = [target(p, f"https://api.{p}.com/v1") for p in "abcd"]

    assert choose_witnesses(OURS, others, DEFAULTS) == (
        Host("api.b.com", 443),
        Host("api.c.com", 443),
    )


def test_default_witnesses_fill_up() -> None:
    others = [OURS, target("b", "https://api.b.com/v1")]

    assert choose_witnesses(OURS, others, DEFAULTS) == (Host("api.b.com", 443), DEFAULTS[0])


@pytest.mark.parametrize(
    "other",
    [
        target("a", "https://eu.a.com/v1"),
        target("b", "https://api.a.com/other"),
        target("b", "http://127.0.0.1:8000/v1"),
        target("b", "http://gpu.lan/v1"),
    ],
)
def test_nobody_who_shares_its_fate_is_a_witness(other: Target) -> None:
    assert choose_witnesses(OURS, [OURS, other], DEFAULTS) == DEFAULTS


def test_no_default_witnesses_turn_the_rule_off() -> None:
    assert choose_witnesses(OURS, [target("b", "https://api.b.com/v1")], ()) == ()


def test_a_private_target_needs_no_witness() -> None:
    assert choose_witnesses(target("v", "http://192.168.1.9:8000/v1"), [], DEFAULTS) == ()


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "::1", "10.0.0.5", "192.168.1.1", "172.16.0.1",
             "169.254.1.1", "ollama", "gpu.local", "GPU.lan.", "vllm.internal", "fd00::1",
             "100.64.0.1"],
)  # fmt: skip
def test_this_host_is_private(host: str) -> None:
    assert is_private(host)


@pytest.mark.parametrize("host", ["api.openai.com", "8.8.8.8", "2606:4700::1111", "local.ai"])
def test_this_host_is_not_private(host: str) -> None:
    assert not is_private(host)


@pytest.mark.parametrize("outcome", sorted(CONNECTION_LEVEL))
def test_one_witness_is_enough_to_charge(outcome: Outcome, closed: Host) -> None:
    call = apply_to(replace(CALL, outcome=outcome), closed, is_open=True)

    assert call.outcome is outcome
    assert call.detail is not None
    assert (call.detail.witness or "").startswith("online: localhost:")


def test_without_a_witness_it_is_our_network(closed: Host) -> None:
    call = apply_to(CALL, closed)

    assert call.outcome is LocalFailure.NETWORK_LOCAL
    assert call.detail is not None
    assert call.detail.witness == (
        f"offline: no answer from {closed}; the call itself ended as dns")  # fmt: skip


@pytest.mark.parametrize(
    "call",
    [
        replace(CALL, outcome=Outcome.SERVER_ERROR),
        replace(CALL, outcome=Outcome.OK),
        replace(CALL, outcome=LocalFailure.MONITOR_ERROR),
        replace(CALL, outcome=Outcome.TLS, http_status=525),
    ],
)
def test_a_call_that_reached_somebody_is_left_alone(call: Call, closed: Host) -> None:
    assert apply_to(call, closed) is call


def test_without_witnesses_the_call_is_left_alone() -> None:
    assert apply_to(CALL) is CALL


def test_a_witness_that_takes_too_long_saw_nothing() -> None:
    async def use(provider: Provider) -> Verdict:
        # TLS towards a server that never shakes hands
        silent = replace(host_of(provider.url), is_tls=True)
        async with Transport() as transport:
            return await is_online([silent, silent], transport, timeout_s=0.1)

    assert not with_provider([NEVER], use).is_online
