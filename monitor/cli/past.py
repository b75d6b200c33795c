"""The past of a demo: 90 days of simulated calls, put into the ledger at the first start.

They go the way of all calls, so that slices, incidents and sums arise as they would have. It is
safe to repeat: a load that was cut short goes on to the same end, call for call.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from rich.progress import Progress

from monitor.cli.refusal import Refusal
from monitor.domain.calls import Attribution, Call, Detail, Kind, Origin, Phase, Timings
from monitor.domain.dedupe import dedupe_key
from monitor.domain.outcomes import Outcome
from monitor.domain.usage import Usage, UsageState
from monitor.domain.windows import DAY_MS
from monitor.runtime.arrangement import install
from monitor.runtime.clock import Clock
from monitor.runtime.lease import LeaseHeld, WriterLease
from monitor.runtime.supervisor import REFUSED
from monitor.services import calls, catalogue, planning, reference
from monitor.services.reference import Reference
from monitor.services.tellings import hash_user
from monitor.settings.model import Settings
from monitor.simulator.attempts import Record
from monitor.simulator.catalogue import DEMO_MODELS
from monitor.simulator.history import generate
from monitor.simulator.traffic import APPS
from monitor.storage import apps, attributions, facts
from monitor.storage.engine import Database

DAYS = 90
BATCH = 5_000
_UNTIL = "demo_until_ms"
_KINDS = {"infer": Kind.INFER, "reach": Kind.REACH, "request": Kind.REQUEST}


def load_history(settings: Settings, days: int = DAYS) -> None:
    """Load the simulated past, with a bar that shows how far it is.

    Raises Refusal where another process writes to the database.
    """
    clock, database = Clock(), Database(settings.database_url)
    lease = WriterLease(database)
    try:
        lease.acquire(clock.now_ms())
        try:
            _load(settings, database, clock.now_ms(), days)
        finally:
            lease.release()
    except LeaseHeld as error:
        raise Refusal(str(error), REFUSED) from error
    finally:
        database.close()


def _load(settings: Settings, database: Database, now_ms: int, days: int) -> None:
    until_ms = _prepare(settings, database, now_ms, days)
    from_ms = until_ms - days * DAY_MS
    with database.writing() as session:
        names = _Names(settings, facts.ensure_key(session, facts.USER_KEY))
        known = reference.load(session)
    records = enumerate(generate(until_ms, days))
    with Progress(transient=True) as progress:
        bar = progress.add_task(f"Simulating {days} days of history", total=until_ms - from_ms)
        while batch := list(islice(records, BATCH)):
            told = [names.call_of(record, number) for number, record in batch]
            _write(database, [call for call in told if call is not None], known)
            progress.update(bar, completed=batch[-1][1].ended_ms - from_ms)
    with database.writing() as session:
        facts.state(session, facts.DEMO_LOADED, str(until_ms))


def _prepare(settings: Settings, database: Database, now_ms: int, days: int) -> int:
    """Let each endpoint begin when its history does; the instant at which the past ends."""
    with database.writing() as session:
        until_ms = int(facts.read(session, _UNTIL) or now_ms)
        facts.state(session, _UNTIL, str(until_ms))
        apps.note(session, _titles(), until_ms)
        prices = catalogue.effective_prices(settings.endpoints, settings.prices, until_ms)
        plan = planning.plan_probes(settings, prices, until_ms)
        births = {
            e.id: until_ms - _age_days(e.model_name, days) * DAY_MS for e in settings.endpoints
        }
        for birth_ms in sorted(set(births.values())):
            born = tuple(e for e in settings.endpoints if births[e.id] <= birth_ms)
            theirs = {e.id: prices[e.id] for e in born if e.id in prices}
            install(session, replace(settings, endpoints=born), plan, theirs, birth_ms)
    return until_ms


def _age_days(model_name: str, days: int) -> int:
    ages = {model.name: model.age_days for model in DEMO_MODELS}
    return min(ages.get(model_name) or days, days)


def _write(database: Database, told: Sequence[Call], known: Reference) -> None:
    """Record calls as of the moments at which they ended."""
    with database.writing() as session:
        strangers = {call.attribution for call in told} - known.attribution_ids.keys()
        known.attribution_ids.update(attributions.intern(session, strangers))
    priced = [calls.price(call, known, recorded_ms=call.ended_ms) for call in told]
    with database.writing() as session:
        calls.record(session, priced, known)


class _Names:
    """Which of our endpoints, targets and users the simulator's names mean."""

    def __init__(self, settings: Settings, user_key: bytes) -> None:
        self._user_key = user_key
        self._endpoints = {(e.target.provider, e.model_name): e.id for e in settings.endpoints}
        self._targets = {t.provider: t.id for t in settings.targets}

    def call_of(self, record: Record, number: int) -> Call | None:
        """A record as a call, `None` where the settings do not watch what it is about."""
        if record.model is None:
            watched = self._targets.get(record.provider)
        else:
            watched = self._endpoints.get((record.provider, record.model))
        return None if watched is None else _call(record, watched, number, self._user_key)


def _call(record: Record, watched: str, number: int, user_key: bytes) -> Call:
    who = record.who
    usage = _usage(record)
    return Call(
        endpoint=watched,
        origin=Origin.API if who.kind == Kind.REQUEST else Origin.PROBE,
        kind=_KINDS[who.kind],
        started_ms=record.started_ms,
        ended_ms=record.ended_ms,
        outcome=Outcome(record.outcome),
        http_status=record.http_status,
        phase=_phase(record),
        timings=Timings(
            record.connect_s, record.tls_s, record.first_byte_s, record.ttft_s, record.total_s
        ),
        usage=usage,
        usage_state=UsageState.MISSING if usage is None else UsageState.MEASURED,
        attribution=Attribution(who.team, who.project, _identity(who.app), who.key),
        gap_s=record.gap_s,
        dedupe_key=dedupe_key("simulated past", str(number), record.started_ms),
        detail=Detail(
            request_id=record.request_id,
            provider_code=record.provider_code,
            finish_reason=record.finish_reason,
            is_reused=record.connect_s is None,
            user_hash=None if who.user is None else hash_user(who.user, user_key),
            tags=who.tags,
        ),
    )


def _identity(app: str | None) -> str | None:
    """What an app sends as HTTP-Referer."""
    return None if app is None else f"https://{app}.demo.example"


def _titles() -> dict[str, str]:
    """What the apps call themselves, by identity."""
    named = [app.who.app for app in APPS if app.who.app is not None]
    return {str(_identity(name)): name.replace("-", " ").capitalize() for name in named}


def _phase(record: Record) -> Phase:
    if record.finish_reason is not None:
        return Phase.DONE
    if record.ttft_s is not None:
        return Phase.FIRST_TOKEN
    return Phase.SENT if record.http_status is None else Phase.HEADERS


def _usage(record: Record) -> Usage | None:
    """The wire's overlapping counts as leaves: cache inside the prompt, reasoning inside output."""
    if record.prompt_tokens is None or record.completion_tokens is None:
        return None
    cached, reasoning = record.cached_tokens or 0, record.reasoning_tokens or 0
    return Usage(
        input=record.prompt_tokens - cached,
        cache_read=cached,
        output=record.completion_tokens - reasoning,
        reasoning=reasoning,
    )
