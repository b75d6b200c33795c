"""History: months of calls that a monitor of the simulated providers would have recorded.

The same seed and end give the same calls; their faults are those of the live server's script.
"""

import heapq
from collections.abc import Iterable, Iterator
from operator import attrgetter
from random import Random

from monitor.simulator.attempts import Record
from monitor.simulator.catalogue import DEMO, list_models
from monitor.simulator.pace import DAY_MS
from monitor.simulator.probing import list_alarms, probe, reach
from monitor.simulator.span import Span
from monitor.simulator.traffic import APPS, use


def generate(end_ms: int, days: int = 90, seed: int = 7) -> Iterator[Record]:
    """All calls of the `days` before `end_ms` that ended by then, in the order of their ends."""
    span = Span(end_ms - days * DAY_MS, end_ms)
    streams = [*_list_probes(span, seed), *_list_usage(span, seed)]
    for record in heapq.merge(*streams, key=attrgetter("ended_ms")):
        if record.ended_ms > end_ms:
            return
        yield record


def _list_probes(span: Span, seed: int) -> Iterator[Iterable[Record]]:
    for name in DEMO:
        checks = list(reach(name, span, Random(f"{seed} reach {name}")))
        alarms = list_alarms(checks)
        yield checks
        for model in list_models(name):
            known = Span(span.since_ms(model.age_days), span.end_ms)
            yield probe(model, known, alarms, Random(f"{seed} infer {model.id}"))


def _list_usage(span: Span, seed: int) -> Iterator[Iterator[Record]]:
    for app in APPS:
        yield use(app, span, Random(f"{seed} use {app.who.app}"))
