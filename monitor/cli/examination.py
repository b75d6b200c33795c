"""Examination: what `doctor` looks at, one finding after the other, each with its remedy."""

import os
import shutil
import socket
import time
from collections.abc import Iterator

from monitor.cli import asking
from monitor.cli.findings import Finding, Grade
from monitor.cli.plans import spell_interval
from monitor.domain.plan import Pace
from monitor.domain.secrets import redact
from monitor.probes.witness import is_private
from monitor.services.doctor import sums_agree
from monitor.services.planning import plan_probes
from monitor.services.prices import effective_at
from monitor.settings.environment import settings_path
from monitor.settings.load import load
from monitor.settings.model import Settings
from monitor.settings.problems import SettingsError
from monitor.storage import channels, deliveries, lease, rounds
from monitor.storage.engine import Database, DatabaseRefused, Session
from monitor.storage.integrity import find_damage
from monitor.storage.migrate import current, head
from monitor.storage.queries import operations
from monitor.wire.connect import host_of

_LEAST_FREE_BYTES = 200 * 1024 * 1024
_SCARCE_BYTES = 1024 * 1024 * 1024
_CLOCK_TOLERANCE_MS = 5_000
_MIB = 1024 * 1024
_SERVER_ADVICE = "see that the server runs, and that `database` in the settings names it rightly"


def examine() -> Iterator[Finding]:
    """All findings; what depends on something that failed is left out."""
    path = settings_path()
    try:
        settings = load(path)
    except SettingsError as error:
        yield from (Finding(Grade.FAIL, "settings", str(p)) for p in error.problems)
        return
    count = len(settings.endpoints)
    yield Finding(Grade.OK, "settings", f"{settings.path} is well-formed, {count} endpoints")
    for finding in _examine(settings):
        yield Finding(finding.grade, finding.subject, redact(finding.text, settings.secrets, 600))


def _examine(settings: Settings) -> Iterator[Finding]:
    now_ms = time.time_ns() // 1_000_000
    yield from _keys(settings)
    yield from _prices(settings, now_ms)
    yield _disk(settings)
    yield from _database(settings, now_ms)
    yield _monitor(settings)


def _keys(settings: Settings) -> Iterator[Finding]:
    text = settings.path.read_text(encoding="utf-8-sig")
    for target in settings.targets:
        who = f"provider {target.provider!r}"
        is_ours = is_private(host_of(target.base_url).name)
        if target.key is None and not is_ours:
            yield Finding(Grade.WARN, "keys", f"{who} has no key; add `key: ${{NAME}}` if it asks")
        elif target.key is None:
            yield Finding(Grade.OK, "keys", f"{who} needs no key")
        elif target.key.reveal() in text and not settings.is_demo:
            advice = "write `key: ${NAME}` and export NAME"
            yield Finding(Grade.WARN, "keys", f"{who}: the key stands in the file; {advice}")
        else:
            yield Finding(Grade.OK, "keys", f"{who} has a key")


def _prices(settings: Settings, now_ms: int) -> Iterator[Finding]:
    plan = plan_probes(settings, effective_at(settings, now_ms), now_ms)
    unpriced = dict.fromkeys(p.endpoint for p in plan.probes if p.pace is Pace.UNPRICED)
    if unpriced:
        advice = "run `inferwatch prices set NAME input=… output=…`, or set probe_unpriced: true"
        yield Finding(Grade.WARN, "prices", f"no price known of {', '.join(unpriced)}; {advice}")
    if plan.is_stretched:
        slower = (
            f"{probe.endpoint} ({probe.purpose}) every {spell_interval(probe.interval_s)}, "
            f"not {spell_interval(probe.asked_interval_s)}"
            for probe in plan.probes
            if probe.interval_s is not None and probe.asked_interval_s is not None
            if probe.pace is Pace.STRETCHED
        )
        text = f"stretched to keep within probe_budget_usd_per_day: {'; '.join(slower)}"
        yield Finding(Grade.WARN, "prices", text)
    if not unpriced and not plan.is_stretched:
        free = dict.fromkeys(p.endpoint for p in plan.probes if p.day_nano_usd is None)
        known = f"not known of {', '.join(free)}, probed all the same" if free else "all known"
        yield Finding(Grade.OK, "prices", f"{known}; probes of known price fit the cap")


def _disk(settings: Settings) -> Finding:
    free_bytes = shutil.disk_usage(settings.home).free
    text = f"{free_bytes // _MIB:,} MiB free in {settings.home}"
    if free_bytes < _LEAST_FREE_BYTES:
        return Finding(Grade.FAIL, "disk", f"{text}; make room, or move the database")
    if free_bytes < _SCARCE_BYTES:
        return Finding(Grade.WARN, "disk", f"{text}; make room soon")
    return Finding(Grade.OK, "disk", text)


def _database(settings: Settings, now_ms: int) -> Iterator[Finding]:
    database = Database(settings.database_url)
    try:
        if database.path is not None and not database.path.exists():
            text = f"{database.path} is not there yet; `inferwatch up` makes it"
            yield Finding(Grade.WARN, "database", text)
            return
        yield from _sound_database(database, now_ms)
    except DatabaseRefused as error:
        is_file = database.path is not None
        advice = "restore a copy, or move the file away" if is_file else _SERVER_ADVICE
        yield Finding(Grade.FAIL, "database", f"{error}; {advice}")
    finally:
        database.close()


def _sound_database(database: Database, now_ms: int) -> Iterator[Finding]:
    name = database.name
    with database.reading() as session:
        damage = find_damage(session)
    if damage:
        advice = "restore a copy, or move the file away"
        yield Finding(Grade.FAIL, "database", f"{name} is damaged: {damage[0]}; {advice}")
        return
    revision = current(database.url)
    if revision is None and database.path is None:
        text = f"{name} holds no ledger yet; `inferwatch up` makes it"
        yield Finding(Grade.WARN, "database", text)
        return
    if revision != head():
        text = f"{name} is of another version; run `inferwatch db upgrade`"
        yield Finding(Grade.FAIL, "database", text)
        return
    yield _writable(database)
    with database.reading() as session:
        yield from _ledger(session, now_ms)


def _writable(database: Database) -> Finding:
    try:
        with database.writing():
            return Finding(
                Grade.OK, "database", f"{database.name} is sound, up to date and writable"
            )
    except DatabaseRefused as error:
        is_file = database.path is not None
        advice = "check who may write to the file and its folder" if is_file else _SERVER_ADVICE
        return Finding(
            Grade.FAIL, "database", f"{database.name} cannot be written: {error}; {advice}"
        )


def _ledger(session: Session, now_ms: int) -> Iterator[Finding]:
    yield _clock(session, now_ms)
    yield _writer(session, now_ms)
    yield _alerts(session, now_ms)
    yield _sums(session)
    count = operations.count_quarantined(session)
    if count:
        text = f"{count} calls could not be recorded; they are kept, with reasons"
        yield Finding(Grade.WARN, "ledger", text)


def _clock(session: Session, now_ms: int) -> Finding:
    newest_ms = operations.last_call_ms(session)
    if newest_ms is None:
        return Finding(Grade.OK, "clock", "no call yet to compare it with")
    if newest_ms > now_ms + _CLOCK_TOLERANCE_MS:
        behind_s = (newest_ms - now_ms) / 1000
        text = f"it is {behind_s:.0f} s behind the newest call; set the machine's clock"
        return Finding(Grade.FAIL, "clock", text)
    return Finding(Grade.OK, "clock", f"the newest call is {(now_ms - newest_ms) / 1000:.0f} s old")


def _writer(session: Session, now_ms: int) -> Finding:
    holder = lease.holder(session)
    if holder is None:
        return Finding(Grade.OK, "writer", "nobody writes now")
    who = f"process {holder.pid} on {holder.host}"
    if holder.host == socket.gethostname() and not _is_alive(holder.pid):
        text = f"{who} ended without a word; the next `inferwatch up` takes over"
        return Finding(Grade.WARN, "writer", text)
    age_s = (now_ms - holder.heartbeat_ms) / 1000
    return Finding(Grade.OK, "writer", f"{who} writes; it said so {age_s:.0f} s ago")


def _alerts(session: Session, now_ms: int) -> Finding:
    silent_ms = rounds.silent_since_ms(session, now_ms)
    if silent_ms is not None:
        text = f"not delivered for {(now_ms - silent_ms) // 1000} s; start `inferwatch up` again"
        return Finding(Grade.FAIL, "alerts", text)
    if dead := deliveries.count_dead(session):
        text = f"{dead} could not be delivered; `inferwatch alerts` says why"
        return Finding(Grade.WARN, "alerts", text)
    if off := [name for name, fares in channels.health(session).items() if fares.is_off]:
        text = f"channel {off[0]} is off, for it refused all the time; `inferwatch alerts` says why"
        return Finding(Grade.WARN, "alerts", text)
    return Finding(Grade.OK, "alerts", "all is delivered, or on its way")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError as error:
        return isinstance(error, PermissionError)
    return True


def _sums(session: Session) -> Finding:
    wrong = sums_agree(session)
    if not wrong:
        return Finding(Grade.OK, "sums", "all sums agree with the calls")
    first = wrong[0]
    text = (
        f"{len(wrong)} sums differ from the calls, the first in {first.table} ({first.key}): "
        f"{first.column} is {first.rollup}, the calls say {first.ledger}; stop `inferwatch up` "
        "and run `inferwatch db rebuild`"
    )
    return Finding(Grade.FAIL, "sums", text)


def _monitor(settings: Settings) -> Finding:
    port = settings.monitor_port
    if not asking.is_running(port):
        return Finding(Grade.WARN, "monitor", f"none on port {port}; start it: `inferwatch up`")
    reasons = asking.list_troubles(port)
    if reasons:
        return Finding(Grade.FAIL, "monitor", "; ".join(reasons))
    return Finding(Grade.OK, "monitor", f"runs on port {port}")
