"""Messages: what a person reads on a lock screen, and what a program reads of the same.

Names come from settings and providers: they are cut, put on one line, and never markup.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from monitor.domain.alerts import AlertKind, Severity, Telling
from monitor.domain.digests import Digest
from monitor.domain.findings import ADVICE, WELL, cause, figures
from monitor.domain.noticed import Noticed
from monitor.domain.outcomes import RULINGS, Blame, Result
from monitor.domain.phrases import fit, lasting, on_one_line, shorten
from monitor.domain.silences import HoldKind
from monitor.domain.windows import moment

_LISTED = 8
_UNANSWERED = {
    Telling.REMINDER: "A reminder: nobody has acknowledged it.",
    Telling.ESCALATED: "You are told since nobody has acknowledged it.",
}
_HELD = {
    HoldKind.MAINTENANCE: "Told after maintenance, which held it.",
    HoldKind.SILENCE: "Told after a silence, which held it.",
    HoldKind.RECOVERY: "Told after a silence, which held it.",
}
_BLAMES = {
    Blame.NOBODY: "nobody",
    Blame.PROVIDER: "theirs, not ours",
    Blame.ACCOUNT: "our account",
    Blame.CALLER: "the caller",
    Blame.NETWORK: "the way there",
    Blame.MONITOR: "our own network",
    Blame.UNCLEAR: "not clear",
}
_SIDES = {
    AlertKind.DEGRADED: _BLAMES[Blame.PROVIDER],
    AlertKind.ERRORS: _BLAMES[Blame.PROVIDER],
    AlertKind.RATE_LIMITS: _BLAMES[Blame.ACCOUNT],
    AlertKind.BURN: _BLAMES[Blame.PROVIDER],
    AlertKind.CATALOGUE: "our price list",
    AlertKind.SELF: "the monitor itself",
}


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of an alert when it is told.

    `subjects` are the endpoints it befell, `still` those of them that it still befalls. `ended_ms`
    is when the last of it ended. `failed` counts the calls of that time by class, `calls` all of
    them; `witness` is what others answered meanwhile. `told_before`: the channel heard of it.
    `hold` kept the message back, `at_it` acknowledged it, `lasts_ms` is its age, `cost` a line.
    """

    number: int
    kind: AlertKind
    severity: Severity
    provider: str
    subjects: tuple[str, ...]
    still: tuple[str, ...]
    outcome: Result | None
    started_ms: int
    ended_ms: int | None = None
    rule: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    failed: Mapping[Result, int] = field(default_factory=dict)
    calls: int = 0
    witness: str | None = None
    changes: int = 0
    told_before: bool = False
    hold: HoldKind | None = None
    at_it: str | None = None
    lasts_ms: int = 0
    cost: str = ""


@dataclass(frozen=True, slots=True)
class Fired:
    """A threshold that a budget met, as of then; `unknown` counts calls whose cost is not known.

    `scope` says in words whose calls count. The period is [from_ms, to_ms) in days of `zone`.
    """

    budget: str
    scope: str
    percent: int
    is_projected: bool
    amount_nano_usd: int
    spent_nano_usd: int
    projected_nano_usd: int | None
    calls: int
    unknown: int
    from_ms: int
    to_ms: int
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Message:
    """One message: a title of at most 60 characters, a short body, and the facts for programs.

    `link` leads to its page, `acknowledge` to where its reader says that he is at it; "" nowhere.
    """

    telling: Telling
    title: str
    body: str
    link: str
    case: Case | None = None
    fired: Fired | None = None
    noticed: Noticed | None = None
    digest: Digest | None = None
    acknowledge: str = ""

    @property
    def links(self) -> str:
        """What stands below the body, a line each."""
        at_it = f"I am at it: {self.acknowledge}" if self.acknowledge else ""
        return "\n".join(line for line in (self.link, at_it) if line)


def compose(telling: Telling, case: Case, link: str, zone: ZoneInfo) -> Message:
    """The message of an alert as it is now."""
    body = "\n".join(line for line in _lines(telling, case, zone) if line)
    title = _title(telling, case)
    if telling in _UNANSWERED and case.at_it is None:
        title = f"{title}, {lasting(case.lasts_ms)} unanswered"
    return Message(telling, fit(title), shorten(body), link, case)


def compose_test(name: str, link: str) -> Message:
    """What the test of a channel sends."""
    body = f"Channel {name} works. No alert is open because of this."
    return Message(Telling.TEST, "Test of inferwatch alerts", body, link)


def _title(telling: Telling, case: Case) -> str:
    who = _who(case.subjects, case)
    lasted = "" if case.ended_ms is None else lasting(case.ended_ms - case.started_ms)
    many = len(case.subjects) > 1
    if telling is Telling.FLAPPING:
        return f"{who} {'are' if many else 'is'} flapping: {case.changes} changes in 30 min"
    if telling is Telling.CLOSED:
        return _closing_title(case, who, lasted, many=many)
    if case.kind is AlertKind.MONITOR:
        return "inferwatch is offline: our own network"
    if case.kind is AlertKind.ACCOUNT:
        return f"{who}: {_cause(case)}"
    if case.kind is AlertKind.AVAILABILITY:
        return f"{who} {'are' if many else 'is'} down"
    return f"{who}: {_cause(case)}"


def _closing_title(case: Case, who: str, lasted: str, *, many: bool) -> str:
    if case.kind is AlertKind.MONITOR:
        return f"inferwatch was offline for {lasted}"
    if case.kind is AlertKind.ACCOUNT:
        return f"{who}: works again after {lasted}"
    if case.kind is not AlertKind.AVAILABILITY:
        if not case.told_before:
            return f"{who}: {_cause(case)} for {lasted}"
        well = WELL.get(case.rule, f"{case.rule.replace('_', ' ')} over")
        return f"{who}: {well} after {lasted}"
    if case.told_before:
        return f"{who} {'are' if many else 'is'} up again after {lasted}"
    return f"{who} {'were' if many else 'was'} down for {lasted}"


def _who(subjects: Sequence[str], case: Case) -> str:
    if len(subjects) == 1:
        return subjects[0]
    return f"{case.provider}: {len(subjects)} endpoints"


def _lines(telling: Telling, case: Case, zone: ZoneInfo) -> list[str]:
    start = _clock(case.started_ms, zone)
    if case.ended_ms is None:
        when = f"Since {start} ({zone.key})."
    else:
        end = moment(case.ended_ms, zone).strftime("%H:%M:%S")
        when = f"From {start} to {end} ({zone.key})."
    named = case.still if telling is Telling.FLAPPING and case.still else case.subjects
    return [
        f"{when} {_why(case)}",
        "" if case.hold is None else _HELD[case.hold],
        _UNANSWERED.get(telling, "") if case.at_it is None else "",
        figures(case.rule, case.facts) or _count(case),
        case.cost,
        "" if case.witness is None else f"Witnesses: {on_one_line(case.witness)}.",
        _list(named) if len(case.subjects) > 1 else "",
        _at_it(case),
        ADVICE.get(case.rule, "") if case.ended_ms is None else "",
        "It is told again once it has kept still for 30 min."
        if telling is Telling.FLAPPING
        else "",
    ]


def _at_it(case: Case) -> str:
    is_needed = case.at_it is not None and case.ended_ms is None
    return f"{on_one_line(case.at_it or '')} is at it." if is_needed else ""


def _why(case: Case) -> str:
    said = _cause(case)
    said = f"{said[:1].upper()}{said[1:]}"
    if case.outcome is None:
        return f"{said}: {_SIDES.get(case.kind, 'not clear')}."
    return f"{said}: {_BLAMES[RULINGS[case.outcome].blame]}."


def _cause(case: Case) -> str:
    return cause(case.rule, case.outcome, case.facts)


def _count(case: Case) -> str:
    if not case.calls:
        return ""
    failed = sum(case.failed.values())
    each = ", ".join(
        f"{count} {_words(result)}"
        for result, count in sorted(case.failed.items(), key=lambda pair: -pair[1])[:3]
    )
    return f"{failed} of {case.calls} calls failed" + (f": {each}." if each else ".")


def _list(subjects: Sequence[str]) -> str:
    shown = ", ".join(on_one_line(each) for each in subjects[:_LISTED])
    more = len(subjects) - _LISTED
    return f"{shown} and {more} more." if more > 0 else f"{shown}."


def _clock(instant_ms: int, zone: ZoneInfo) -> str:
    return moment(instant_ms, zone).strftime("%d %b %H:%M:%S")


def _words(result: Result) -> str:
    return result.value.replace("_", " ")
