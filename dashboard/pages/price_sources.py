"""Price sources: how each went, where it says otherwise than what holds, and what that is worth."""

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components import cells
from dashboard.components.cells import Cell, Column, Row
from dashboard.pages import price_words as words
from dashboard.pages.price_worth import Worth, weigh
from monitor.domain.dimensions import Dimension
from monitor.domain.prices import PER_UNIT
from monitor.domain.windows import DAY_MS, Window, day_window
from monitor.services import proposals
from monitor.services.proposals import Disagreement
from monitor.storage import feeds
from monitor.storage.engine import Session
from monitor.storage.feeds import Asked
from monitor.storage.queries import unpriced, usage
from monitor.storage.queries.owners import Audience
from monitor.storage.queries.unpriced import Unpriced

SOURCES: list[Column] = [
    {"h": "Source"},
    {"h": "Prices as of"},
    {"h": "Last success"},
    {"h": "Of our endpoints", "num": True},
    {"h": "How it went", "grow": True},
]
SAYS: list[Column] = [
    {"h": "No."},
    {"h": "Endpoint", "grow": True},
    {"h": "Source"},
    {"h": "Holds → it says"},
    {"h": "Our 30 days at its price", "num": True},
    {"h": "Doubts"},
    {"h": "Decided"},
]
UNPRICED: list[Column] = [
    {"h": "Endpoint", "grow": True},
    {"h": "Calls", "num": True},
    {"h": "Tokens", "num": True},
    {"h": "First"},
    {"h": "Last"},
]
_DAYS = 30
_STALE_MS = 3 * DAY_MS
_LONGEST = 160
_SHOWN = 200


def sources(session: Session, choice: Choice) -> list[Row]:
    """A row for each source on the network that was asked."""
    return [_source(each, choice) for each in feeds.every(session)]


def _source(each: Asked, choice: Choice) -> Row:
    zone, now_ms = choice.zone, choice.now_ms
    success = cells.text("never", tone="warned")
    if each.succeeded_ms is not None:
        is_stale = now_ms - each.succeeded_ms > _STALE_MS
        success = cells.text(
            fmt.clock(each.succeeded_ms, zone, now_ms),
            below=f"{words.age(each.succeeded_ms, choice)} old" if is_stale else None,
            sort=each.succeeded_ms,
            tone="warned" if is_stale else None,
        )
    return {
        "k": each.feed.name,
        "c": [
            cells.text(each.feed.name, below=each.feed.kind.value, title=each.feed.place),
            cells.text(fmt.clock(each.as_of_ms, zone, now_ms), sort=each.as_of_ms),
            success,
            cells.text(f"{each.said:,}", sort=each.said),
            _how_it_went(each, choice),
        ],
    }


def _how_it_went(each: Asked, choice: Choice) -> Cell:
    if each.error is not None:
        at = fmt.clock(each.tried_ms, choice.zone, choice.now_ms)
        return cells.text(f"failed at {at}", below=each.error[:_LONGEST], tone="warned")
    if not each.remarks:
        return cells.text("all of it understood")
    many = fmt.plural(len(each.remarks), "remark")
    return cells.text(many, below=each.remarks[0][:_LONGEST], title="\n".join(each.remarks))


def said(session: Session, choice: Choice) -> list[Disagreement]:
    """Where the last word of a source is not what holds; what waits for a word comes first."""
    found = proposals.disagreements(session, choice.now_ms, only_open=False)
    return sorted(found, key=lambda d: (d.proposal.is_accepted is not None, d.endpoint))[:_SHOWN]


def says(session: Session, found: list[Disagreement], choice: Choice) -> list[Row]:
    """A row for each disagreement, with what it is worth on our own usage."""
    first = day_window(choice.today - _DAYS + 1, choice.zone).from_ms
    window, by = Window(first, choice.now_ms), Dimension.ENDPOINT
    used = usage.totals(session, window, choice.zone, by=by, audience=Audience.TEAM)
    rows = []
    for each in found:
        of_it, worth = used.get(each.proposal.endpoint_id), None
        if of_it is not None and of_it.tokens:
            worth = weigh(session, each, of_it.leaves, window)
        rows.append(_says(each, worth, choice))
    return rows


def _says(each: Disagreement, worth: Worth | None, choice: Choice) -> Row:
    proposal = each.proposal
    doubts = proposal.doubts
    as_of = f"as of {fmt.clock(proposal.as_of_ms, choice.zone, choice.now_ms)}"
    return {
        "k": str(proposal.id),
        "c": [
            cells.text(str(proposal.id), sort=proposal.id),
            cells.text(each.endpoint[:_LONGEST]),
            cells.text(proposal.price.source[:_LONGEST], below=as_of),
            cells.text(_differences(each)[:_LONGEST], title=_differences(each)),
            _worth(worth),
            cells.text(doubts[:_LONGEST] or "none", title=doubts, tone="warned" if doubts else ""),
            _decided(each),
        ],
    }


def _decided(each: Disagreement) -> Cell:
    match each.proposal.is_accepted:
        case None:
            return cells.text("waits for your word", tone="warned")
        case True:
            return cells.text("accepted, replaced since", tone="quiet")
        case False:
            return cells.text("rejected", tone="quiet")


def _differences(each: Disagreement) -> str:
    if each.standing is None:
        return f"unpriced → {words.every_rate(each.proposal.price)}"
    return ", ".join(
        f"{words.leaf_name(leaf)} {_usd(leaf, old)} → {_usd(leaf, new)}"
        for leaf, (old, new) in each.differs.items()
    )


def _usd(leaf: str, pico_usd: int | None) -> str:
    if pico_usd is None:
        return "—"
    return fmt.rate(pico_usd // 1_000_000 if leaf in PER_UNIT else pico_usd)


def _worth(worth: Worth | None) -> Cell:
    """What our usage costs at the source's price, beside what it does at ours."""
    if worth is None:
        return cells.text("no team usage", tone="quiet")
    theirs, ours, newest = worth
    if theirs is None:
        return cells.text("not all kinds priced", tone="quiet")
    which = "" if newest is None else f" · newest {fmt.plural(newest, 'call')}"
    if ours is None:
        return cells.text(fmt.money(theirs), below=f"unpriced now{which}", sort=theirs / 1e9)
    more = theirs - ours
    sign = "+" if more > 0 else "−" if more < 0 else "±"
    below = f"{fmt.money(theirs)}, not {fmt.money(ours)}{which}"
    return cells.text(f"{sign}{fmt.money(abs(more))}", below=below, sort=more / 1e9)


def queue(session: Session) -> list[Unpriced]:
    """What has no price."""
    return unpriced.queue(session)[:_SHOWN]


def unpriced_rows(found: list[Unpriced], choice: Choice) -> list[Row]:
    """A row for each endpoint that has calls without a price."""
    return [_queued(each, choice) for each in found]


def _queued(each: Unpriced, choice: Choice) -> Row:
    zone, now_ms = choice.zone, choice.now_ms
    probes = f"{each.of_probes:,} of them probes" if each.of_probes else None
    met = "met in calls, in no settings" if each.is_met else each.model[:_LONGEST]
    tokens = f"{'at least ' if each.is_at_least else ''}{fmt.tokens(each.tokens)}"
    ends = [
        (end, "gone" if end is None else fmt.clock(end, zone, now_ms))
        for end in (each.first_ms, each.last_ms)
    ]
    return {
        "k": each.endpoint,
        "c": [
            cells.text(each.endpoint[:_LONGEST], below=met),
            cells.text(f"{each.calls:,}", below=probes, sort=each.calls),
            cells.text(tokens, sort=each.tokens),
            *(cells.text(shown, sort=end) for end, shown in ends),
        ],
    }
