"""Facts: what the installation remembers of itself, by name."""

from secrets import token_bytes
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from monitor.domain.windows import day_window
from monitor.storage import statements
from monitor.storage.models.operations import Fact

HOME_ZONE = "home_zone"
#: Stated where provider availability is counted as OpenRouter does.
OPENROUTER_STRICT = "openrouter_strict"
LEDGER_FROM_DAY = "ledger_from_day"
DETAILS_FROM_DAY = "details_from_day"
LATENCY_FROM_DAY = "latency_from_day"
#: Up to when the calls of minutes were judged by the rules of alerts.
RULES_COUNTED = "rules_counted_ms"
#: Stated where a ledger was there before the sums of users and tags.
PEOPLE_FROM_DAY = "people_from_day"
BOUNDARIES = (LEDGER_FROM_DAY, DETAILS_FROM_DAY, LATENCY_FROM_DAY, PEOPLE_FROM_DAY)
DEMO_LOADED = "demo_loaded"
#: When the courier was last round, in UTC milliseconds.
COURIER_ROUND = "courier_round_ms"
#: What API tokens, and what end users are hashed with.
TOKEN_KEY, USER_KEY = "token_key", "user_key"
#: Where the pages are reached from elsewhere, as messages say it.
PAGES_LINK = "pages_link"
#: What links in messages are signed with; a backup has it, so that they outlive a restore.
LINK_KEY = "link_key"
#: What the addresses of channels are hashed with, to see that one was edited.
CHANNEL_KEY = "channel_key"
_KEY_BYTES = 32

#: 2 January 1970: before every call, and an instant above zero in every zone.
FIRST_DAY = 719_164
_UTC = ZoneInfo("UTC")
_PUT = statements.replace("fact", ("name",), ("value",))


def read(session: Session, name: str) -> str | None:
    """A fact, or `None` where it was never stated."""
    return session.scalar(select(Fact.value).where(Fact.name == name))


def state(session: Session, name: str, value: str) -> None:
    """State a fact, in the place of what was stated before."""
    statements.run(session, _PUT, (name, value))


def key(session: Session, name: str) -> bytes:
    """A secret that was drawn. Raises LookupError where it was not."""
    told = read(session, name)
    if told is None:
        raise LookupError(f"{name} was never drawn")
    return bytes.fromhex(told)


def ensure_key(session: Session, name: str) -> bytes:
    """A secret of this installation to hash with, drawn where there is none yet."""
    told = read(session, name)
    if told is None:
        told = token_bytes(_KEY_BYTES).hex()
        state(session, name, told)
    return bytes.fromhex(told)


def forget(session: Session, name: str) -> None:
    """State no longer what was stated under a name."""
    session.execute(delete(Fact).where(Fact.name == name))


def home_zone(session: Session, unstated: ZoneInfo = _UTC) -> ZoneInfo:
    """The zone that day rows are made in; `unstated` until there is one."""
    name = read(session, HOME_ZONE)
    return unstated if name is None else ZoneInfo(name)


def read_day(session: Session, name: str) -> int:
    """A boundary that is a home day; the first day of all until it is stated."""
    return int(read(session, name) or FIRST_DAY)


def ledger_from_day(session: Session) -> int:
    """The home day from which on the ledger has its calls still."""
    return read_day(session, LEDGER_FROM_DAY)


def ledger_from_ms(session: Session) -> int:
    """The instant that this day begins with."""
    return day_window(ledger_from_day(session), home_zone(session)).from_ms


def details_from_day(session: Session) -> int:
    """The home day from which on calls have their details still."""
    return max(read_day(session, name) for name in (LEDGER_FROM_DAY, DETAILS_FROM_DAY))


def details_from_ms(session: Session) -> int:
    """The instant that this day begins with."""
    return day_window(details_from_day(session), home_zone(session)).from_ms


def people_from_day(session: Session) -> int:
    """The home day from which on users and tags are summed up, of whomever told them."""
    return read_day(session, PEOPLE_FROM_DAY)


def latency_from_day(session: Session) -> int:
    """The home day from which on latency can be made again: phases are made from details."""
    return max(details_from_day(session), read_day(session, LATENCY_FROM_DAY))
