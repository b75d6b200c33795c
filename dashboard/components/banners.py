"""Banners: what has to be said on every page, and the page of a database that cannot be read."""

import asyncio
from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components.attributes import hyphened
from dashboard.components.parts import notice
from dashboard.reads import Reads
from monitor.domain.pauses import Pause
from monitor.domain.vitals import ALERT_BEHIND_S
from monitor.storage import notices, pauses, rounds
from monitor.storage.engine import DatabaseRefused, Session
from monitor.storage.queries import endpoints, incidents, operations, vitals

_INTERVALS = 3
_LISTED = 3
#: A look at itself comes every minute: an older one says nothing of now.
_LOOK_HOLDS_MS = 150_000

Words = Sequence[Component | str] | None


def banner(reads: Reads) -> Words:
    """What has to be known on any page; `None` where nothing has."""
    try:
        return reads.drawn(draw_all, reads.choice(None))
    except DatabaseRefused as error:
        return ["The database cannot be read; the page shows what was read last. ", _reason(error)]


async def draw_banner(reads: Reads) -> Words:
    """The same, beside other work."""
    return await asyncio.to_thread(banner, reads)


def draw_all(session: Session, choice: Choice) -> Words:
    """Everything that has to be said, each on a line of its own."""
    draws = draw_stale, draw_untold, draw_offline, draw_clock, draw_pauses, draw_notice
    said = [draw(session, choice) for draw in draws]
    lines: list[Component | str] = [html.Div(words) for words in said if words]
    return lines or None


def draw_pauses(session: Session, choice: Choice) -> Words:
    """Says what is not probed, since when, by whom and why."""
    holding = [_tell(pause, choice) for pause in pauses.holding(session).values()]
    more = [f"and {len(holding) - _LISTED} more"] if len(holding) > _LISTED else []
    return [html.Div(words) for words in (*holding[:_LISTED], *more)] or None


def _tell(pause: Pause, choice: Choice) -> str:
    def at(instant_ms: int) -> str:
        return fmt.clock(instant_ms, choice.zone, choice.now_ms)

    scope = pause.scope
    what = scope.endpoint or (f"all of {scope.provider}" if scope.provider else "everything")
    until = "" if pause.until_ms is None else f" until {at(pause.until_ms)}"
    why = f": {pause.reason}" if pause.reason else ""
    return f"Paused: {what}, since {at(pause.paused_ms)} by {pause.by}{until}{why}"


def draw_notice(session: Session, choice: Choice) -> Words:
    """Says that the settings file was refused, or waits for a restart."""
    notice = notices.read(session)
    if notice is None:
        return None
    at = fmt.clock(notice.at_ms, choice.zone, choice.now_ms)
    if not notice.problems:
        return ["Settings that wait for a restart: ", "; ".join(notice.restarts)]
    problems = [html.Div(html.Code(each)) for each in notice.problems[:_LISTED]]
    more = len(notice.problems) - len(problems)
    rest = [f"and {more} more; run inferwatch reload to see all"] if more else []
    return [f"The settings were refused at {at}; those before hold on.", *problems, *rest]


def draw_offline(session: Session, choice: Choice) -> Words:
    """Says since when our own network is away, and that nobody else is blamed for it."""
    notice = incidents.network_away(session)
    if notice is None:
        return None
    since = fmt.clock(notice.started_ms, choice.zone, choice.now_ms)
    zone = fmt.zone_name(choice.zone)
    return [
        f"Our own network is away since {since} ({zone}): ",
        "endpoints beyond it are unknown, and not charged. Look at this machine's connection.",
    ]


def draw_clock(session: Session, choice: Choice) -> Words:
    """Says that the machine's clock was set back, by the monitor's last look at itself."""
    look = vitals.newest(session)
    if look is None or look.clock_behind_s <= ALERT_BEHIND_S:
        return None
    if choice.now_ms - look.at_ms > _LOOK_HOLDS_MS:
        return None
    behind = fmt.seconds(look.clock_behind_s)
    return [
        f"This machine's clock is {behind} behind the monitor's, which goes on as it began. ",
        "Set it right: after a restart, states are unknown until it has caught up.",
    ]


def draw_untold(session: Session, choice: Choice) -> Words:
    """Says since when nobody delivers alerts: the worker is not running, or hangs."""
    silent_ms = rounds.silent_since_ms(session, choice.now_ms)
    if silent_ms is None:
        return None
    since = fmt.clock(silent_ms, choice.zone, choice.now_ms)
    zone = fmt.zone_name(choice.zone)
    return [
        f"Alerts are not delivered since {since} ({zone}): nobody is told of what happens. ",
        "Start the monitor again with ",
        html.Code("inferwatch up"),
        "; what waits goes out then.",
    ]


def draw_stale(session: Session, choice: Choice) -> Words:
    """Says since when nothing is recorded, once three intervals have passed without a call."""
    paused = pauses.paused_ids(session)
    intervals_s = [
        each.interval_s
        for each in endpoints.watched(session)
        if each.is_probed and each.id not in paused
    ]
    newest_ms = operations.last_call_ms(session)
    if not intervals_s or newest_ms is None:
        return None
    silent_ms = choice.now_ms - newest_ms
    if silent_ms <= _INTERVALS * max(intervals_s) * 1_000:
        return None
    since = fmt.clock(newest_ms, choice.zone, choice.now_ms)
    zone = fmt.zone_name(choice.zone)
    return [
        f"The monitor is not recording since {since} ({zone}): no figure is newer. Start it with ",
        html.Code("inferwatch up"),
        ", or look into its log.",
    ]


def unreadable(error: DatabaseRefused, path: str | None, search: str | None) -> Component:
    """The page of a database that cannot be read: why, and what to do."""
    again = html.A("Try again", href=f"{path or '/'}{search or ''}", **hyphened(data_hard=""))
    return notice(
        "The database cannot be read",
        _reason(error),
        ["Run ", html.Code("inferwatch doctor"), " to see what is wrong with it. ", again],
        tone="trouble",
    )


def _reason(error: DatabaseRefused) -> Component:
    return html.Code(str(error)[:200])
