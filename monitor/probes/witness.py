"""Witness: who tells an endpoint that cannot be reached from an internet that is not there.

Two other providers' hosts are asked for a connection; the endpoint is charged only if one
answers (docs/semantics.md, section 2). The verdict is kept with the call.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address

from monitor.domain.calls import Call, Detail
from monitor.domain.endpoints import Target
from monitor.domain.outcomes import CONNECTION_LEVEL, LocalFailure
from monitor.wire.connect import Host, host_of, is_answering
from monitor.wire.transport import Transport

TIMEOUT_S = 2.0
_ASKED = 2
_HOME_SUFFIXES = (".localhost", ".local", ".lan", ".internal", ".home.arpa")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the internet was there, and the sentence that says who saw it."""

    is_online: bool
    text: str


def choose_witnesses(
    target: Target, targets: Iterable[Target], defaults: Sequence[Host]
) -> tuple[Host, ...]:
    """Two other configured providers' hosts, filled up with the settings' default witnesses.

    Empty where the rule does not hold: for a loopback or private target, or with no defaults
    (`witnesses: []` turns the rule off).
    """
    own = host_of(target.base_url)
    if is_private(own.name) or not defaults:
        return ()
    others = [host_of(t.base_url) for t in targets if t.provider != target.provider]
    remote = [host for host in (*others, *defaults) if not is_private(host.name)]
    distinct = dict.fromkeys(host for host in remote if host.name != own.name)
    return tuple(distinct)[:_ASKED]


async def apply(call: Call, witnesses: Sequence[Host], transport: Transport) -> Call:
    """The call, or the same call as a failure of our own network if no witness answers.

    To be asked before recording. Only failures before any byte came back are looked into.
    """
    is_in_doubt = call.outcome in CONNECTION_LEVEL and call.http_status is None
    if not is_in_doubt or not witnesses:
        return call
    verdict = await is_online(witnesses, transport)
    detail = replace(call.detail or Detail(), witness=verdict.text)
    if verdict.is_online:
        return replace(call, detail=detail)
    detail = replace(detail, witness=f"{verdict.text}; the call itself ended as {call.outcome}")
    return replace(call, outcome=LocalFailure.NETWORK_LOCAL, detail=detail)


async def is_online(
    hosts: Sequence[Host], transport: Transport, timeout_s: float = TIMEOUT_S
) -> Verdict:
    """Asks all hosts at once; one that answers is enough."""
    answers = await asyncio.gather(*(is_answering(h, transport.tls, timeout_s) for h in hosts))
    seen = [str(host) for host, answers_ in zip(hosts, answers, strict=True) if answers_]
    if seen:
        return Verdict(is_online=True, text=f"online: {', '.join(seen)} answered")
    asked = ", ".join(map(str, hosts))
    return Verdict(is_online=False, text=f"offline: no answer from {asked}")


def is_private(host: str) -> bool:
    """Whether a host is this machine or in a network of one's own, by its address or its name."""
    name = host.lower().rstrip(".")
    try:
        return not ip_address(name).is_global
    except ValueError:
        return "." not in name or name.endswith(_HOME_SUFFIXES)
