"""Price rows: what holds for each endpoint, and all that ever held for one of them."""

from typing import NamedTuple

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components import cells
from dashboard.components.cells import Column, Row
from dashboard.pages import price_words as words
from monitor.domain.prices import PriceList
from monitor.domain.tiers import Moment
from monitor.domain.weekdays import clock
from monitor.storage.engine import Session
from monitor.storage.queries import endpoints, prices
from monitor.storage.queries.endpoints import EndpointFacts

IN_FORCE: list[Column] = [
    {"h": "Endpoint", "grow": True},
    {"h": "$/M in", "num": True},
    {"h": "$/M out", "num": True},
    {"h": "$/M cached", "num": True},
    {"h": "Also"},
    {"h": "Who says so"},
    {"h": "Valid from"},
    {"h": "Known for", "num": True},
]
HISTORY: list[Column] = [
    {"h": "Valid from"},
    {"h": "Until"},
    {"h": "Price per M", "grow": True},
    {"h": "Who says so"},
    {"h": "Known since"},
]
_LONGEST = 160


class Holding(NamedTuple):
    """A row for each endpoint that is watched or was met, and how many have no price."""

    rows: list[Row]
    unpriced: int


def in_force(session: Session, choice: Choice) -> Holding:
    """What holds now; unpriced endpoints come first."""
    watched = endpoints.watched(session)
    found = prices.in_force(session, [each.id for each in watched], choice.now_ms)
    by_name = sorted(watched, key=lambda each: (each.id in found, each.slug))
    rows = [_row(each, found.get(each.id), choice) for each in by_name]
    return Holding(rows, len(watched) - len(found))


def _row(endpoint: EndpointFacts, price: PriceList | None, choice: Choice) -> Row:
    href = choice.href("/prices", endpoint=endpoint.slug)
    name = cells.text(endpoint.slug[:_LONGEST], below=endpoint.model[:_LONGEST], href=href)
    if price is None:
        quiet = [cells.text("—", tone="quiet")] * 4
        told = cells.text("unpriced", below="counted, never $0", tone="warned")
        return {"k": endpoint.slug, "c": [name, *quiet, told, "—", cells.text("—", sort=-1)]}
    now = Moment(0, 0, *clock(choice.now_ms))
    rates = [price.rate(leaf, now) for leaf in words.PLAIN]
    also = words.others(price)
    return {
        "k": endpoint.slug,
        "c": [
            name,
            *(cells.text(words.usd(r), sort=r.pico_usd / 1e6 if r else None) for r in rates),
            cells.text(_short(also) or "—", title=also, tone="quiet"),
            cells.text(words.WHO[price.authority], below=price.source[:_LONGEST]),
            cells.text(words.since(price.valid_from_ms, choice), sort=price.valid_from_ms),
            cells.text(words.age(price.recorded_ms, choice), sort=-price.recorded_ms),
        ],
    }


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def chosen(session: Session, choice: Choice) -> EndpointFacts | None:
    """The endpoint whose past is shown: the one in the URL, else the first that has a past."""
    wanted = choice.query.get("endpoint")
    if wanted is not None:
        return endpoints.by_slug(session, wanted)
    return next(iter(endpoints.watched(session)), None)


def history(session: Session, endpoint: EndpointFacts, choice: Choice) -> list[Row]:
    """Every list of an endpoint, the newest first."""
    return [_past(each, choice) for each in prices.history(session, endpoint.id)]


def _past(price: PriceList, choice: Choice) -> Row:
    zone, now_ms = choice.zone, choice.now_ms
    until = "on" if price.valid_to_ms is None else fmt.clock(price.valid_to_ms, zone, now_ms)
    if price.valid_from_ms > now_ms:
        until = "announced"
    told = words.every_rate(price)
    return {
        "k": str(price.id),
        "c": [
            cells.text(words.since(price.valid_from_ms, choice), sort=price.valid_from_ms),
            cells.text(until, sort=price.valid_to_ms),
            cells.text(told[: 2 * _LONGEST], title=told),
            cells.text(words.WHO[price.authority], below=price.source[:_LONGEST]),
            cells.text(fmt.clock(price.recorded_ms, zone, now_ms), sort=price.recorded_ms),
        ],
    }
