"""Acknowledging: the page behind the link in a message, for a phone that knows nothing of us.

It needs no script and no session: the link itself says, signed, what it is for. Looking at it
changes nothing, for programs that read mails open every link; only its button does.
"""

from collections.abc import Mapping
from html import escape
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from dashboard import format as fmt
from dashboard.reads import Reads
from monitor.domain.acknowledgements import Acknowledgement
from monitor.domain.invitations import PREFIX
from monitor.domain.notes import MAX_NAME, MAX_WORDS, Unsayable, read_name, read_words
from monitor.services import acknowledgements, invitations
from monitor.services.histories import OUR_NETWORK, History
from monitor.services.invitations import Invited, NotGenuine, Opened
from monitor.storage.engine import DatabaseRefused, Session

_PAGE = (Path(__file__).parent / "acknowledging.html").read_text(encoding="utf-8")
_PATH = PREFIX + "{incident:int}/{expires:int}/{channel:str}/{signature:str}"
_MOST_BYTES = 8_192
_MOST_NUMBER = 2**62


class _Sheet(NamedTuple):
    """What the page says: a title, paragraphs, and whether it asks; all of it is escaped later."""

    title: str
    lines: tuple[str, ...]
    asks: bool = False
    trouble: str = ""
    status: HTTPStatus = HTTPStatus.OK


def route(reads: Reads) -> Route:
    """The page, to be looked at and to be answered."""

    async def answer(request: Request) -> HTMLResponse:
        now_ms, zone = reads.choice(None).now_ms, reads.home
        try:
            opened = _opened(request)
            if request.method == "POST":
                fields = await _read(request)
                sheet = await reads.written(lambda s: _act(s, opened, fields, now_ms, zone))
            else:
                sheet = await reads.looked(lambda s: _look(s, opened, now_ms, zone))
        except Unsayable as error:
            sheet = _Sheet("Not taken", (f"{error}.",), status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except NotGenuine as error:
            sheet = _Sheet("No such link", (f"{error}.", _ELSEWHERE), status=HTTPStatus.NOT_FOUND)
        except DatabaseRefused:
            sheet = _Sheet("Not now", (_REFUSED,), status=HTTPStatus.SERVICE_UNAVAILABLE)
        return HTMLResponse(_write(sheet), sheet.status)

    return Route(_PATH, answer, methods=["GET", "POST"])


_ELSEWHERE = "Open the newest message, or the dashboard itself."
_REFUSED = "The database cannot be written now; nothing was changed. Try again in a moment."


async def _read(request: Request) -> Mapping[str, str]:
    """The fields of the form. Raises Unsayable where there is too much in it."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_BYTES:
            raise Unsayable("there is too much in the form; shorten it")
    found = parse_qs(body.decode("utf-8", "replace"), max_num_fields=8)
    return {name: values[-1] for name, values in found.items()}


def _opened(request: Request) -> Opened:
    path = request.path_params
    if max(path["incident"], path["expires"]) > _MOST_NUMBER:
        raise NotGenuine("this link was not made here, or it was changed on its way")
    return Opened(path["incident"], path["expires"], path["channel"], path["signature"])


def _look(session: Session, opened: Opened, now_ms: int, zone: ZoneInfo) -> _Sheet:
    """What the link is about. Raises NotGenuine."""
    return _describe(invitations.look_at(session, opened), now_ms, zone)


def _act(
    session: Session, opened: Opened, fields: Mapping[str, str], now_ms: int, zone: ZoneInfo
) -> _Sheet:
    """The same once it was acknowledged, where it can be. Raises NotGenuine."""
    invited = invitations.look_at(session, opened)
    sheet = _describe(invited, now_ms, zone)
    if not sheet.asks:
        return sheet
    try:
        done = acknowledgements.acknowledge(session, _said(invited, fields, now_ms))
    except Unsayable as error:
        return sheet._replace(trouble=f"{error}.", status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _answered(sheet, done.holding, zone)


def _said(invited: Invited, fields: Mapping[str, str], now_ms: int) -> Acknowledgement:
    channel = invited.invitation.channel
    by = read_name(fields.get("by", "").strip() or f"somebody at {channel}")
    words = read_words(fields.get("words"))
    number = invited.history.incident.id
    return Acknowledgement(number, now_ms, by, words, f"link to {channel}")


def _describe(invited: Invited, now_ms: int, zone: ZoneInfo) -> _Sheet:
    history = invited.history
    incident, acknowledged = history.incident, history.acknowledgement
    title = f"{history.subject}: {incident.cause}"
    lines = tuple(_about(history, now_ms, zone))
    if invited.is_over:
        who = "" if acknowledged is None else f" {acknowledged.by} was at it."
        return _Sheet(title, (*lines, f"It is over: nobody is needed any more.{who}"))
    if acknowledged is not None:
        return _answered(_Sheet(title, lines), acknowledged, zone)
    if invited.invitation.is_over(now_ms):
        end = fmt.stamp(invited.invitation.expires_s * 1000, zone)
        more = f"This link was good until {end} ({fmt.zone_name(zone)}). {_ELSEWHERE}"
        return _Sheet(title, (*lines, more), status=HTTPStatus.GONE)
    return _Sheet(title, lines, asks=True)


def _about(history: History, now_ms: int, zone: ZoneInfo) -> list[str]:
    incident = history.incident
    started = fmt.clock(incident.started_ms, zone, now_ms)
    end_ms = now_ms if incident.ended_ms is None else incident.ended_ms
    lasted = fmt.lasting(end_ms - incident.started_ms)
    tense = "so far" if incident.is_open else "in all"
    where = f"Incident {incident.id}, {history.severity.value}"
    others = [each.slug or each.subject or OUR_NETWORK for each in history.together]
    told = f"Together: {', '.join(others[:8])}." if len(others) > 1 else ""
    since = f"{where}, since {started} ({fmt.zone_name(zone)}), {lasted} {tense}."
    return [line for line in (since, told) if line]


def _answered(sheet: _Sheet, holding: Acknowledgement, zone: ZoneInfo) -> _Sheet:
    at = fmt.stamp(holding.at_ms, zone)
    words = f": {holding.words}" if holding.words else "."
    said = f"{holding.by} is at it since {at} ({fmt.zone_name(zone)}){words}"
    return sheet._replace(asks=False, lines=(*sheet.lines, said))


def _write(sheet: _Sheet) -> str:
    lines = "".join(f"<p>{escape(line)}</p>" for line in sheet.lines)
    page = _PAGE.replace("{title}", escape(sheet.title)).replace("{lines}", lines)
    page = page.replace("{trouble}", escape(sheet.trouble))
    page = page.replace("{form}", "" if sheet.asks else "hidden")
    return page.replace("{name}", str(MAX_NAME)).replace("{words}", str(MAX_WORDS))
