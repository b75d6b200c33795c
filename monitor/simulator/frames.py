"""Frames: the bytes of a reply and when each is due, spoilt where a fault strikes in mid-answer.

A plain answer is one frame, a streamed one a frame per event.
"""

import itertools
import json
from collections.abc import Iterator
from typing import NamedTuple

from monitor.simulator.events import Reply
from monitor.simulator.faults import FaultKind
from monitor.simulator.operations import Operation
from monitor.simulator.refusals import CONFESSIONS, Rejection, refuse

_JUNK = b'{"broken": [{]'


class Frame(NamedTuple):
    """Bytes to send once `due_s` has passed."""

    due_s: float
    data: bytes


def build_frames(operation: Operation, reply: Reply, fault: FaultKind | None) -> Iterator[Frame]:
    """The frames of a reply, spoilt by the fault if there is one."""
    if reply.chat.is_streamed:
        return _build_stream(operation, reply, fault)
    return _build_plain(operation, reply, fault)


def _build_plain(operation: Operation, reply: Reply, fault: FaultKind | None) -> Iterator[Frame]:
    whole = json.dumps(operation.write(reply)).encode()
    match fault:
        case FaultKind.CUT:
            yield Frame(reply.end_s, whole[: len(whole) // 2])
        case FaultKind.GARBAGE:
            yield Frame(reply.end_s, _JUNK)
        case FaultKind.ENDLESS:
            yield from itertools.repeat(Frame(reply.end_s, b" " * 4096))
        case FaultKind.ERROR_200 | FaultKind.OVERLOADED_200:
            document = operation.confess(_reject(operation, reply, fault), reply)
            yield Frame(reply.end_s, json.dumps(document).encode())
        case _:
            yield Frame(reply.end_s, whole)


def _build_stream(operation: Operation, reply: Reply, fault: FaultKind | None) -> Iterator[Frame]:
    write = operation.framing.write
    frames = [Frame(due_s, write(content)) for due_s, content in operation.stream(reply)]
    half = frames[: max(1, len(frames) // 2)]
    last = half[-1]
    match fault:
        case FaultKind.CUT:
            yield from half
        case FaultKind.GARBAGE:
            yield from [*half, last._replace(data=operation.framing.junk)]
        case FaultKind.ENDLESS:
            yield from itertools.chain(half, itertools.repeat(last))
        case FaultKind.ERROR_200 | FaultKind.OVERLOADED_200:
            content = operation.break_off(_reject(operation, reply, fault), reply, len(half))
            yield from [*half, last._replace(data=write(content))]
        case _:
            yield from frames


def _reject(operation: Operation, reply: Reply, fault: FaultKind) -> Rejection:
    return operation.reject(refuse(CONFESSIONS[fault]), reply.provider)
