"""Prices: which rates hold for an endpoint, of those that the world and the user name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from monitor.domain.prices import Authority, PriceList, Rate, in_force
from monitor.domain.windows import DAY_MS
from monitor.services import catalogue, reference
from monitor.services.reference import Tariff
from monitor.settings.model import Settings
from monitor.storage import endpoints as endpoint_rows
from monitor.storage import migrate
from monitor.storage import prices as rows
from monitor.storage.engine import Database, DatabaseRefused, Session, path_of
from monitor.storage.queries import endpoints

#: All that is published of endpoints by id, past and announced, in order of time.
Dated = Mapping[str, tuple[PriceList, ...]]
#: So far ahead announced prices are written down; looked for every day.
ANNOUNCED_MS = 2 * DAY_MS
#: What a word that is not the user's own cannot take the place of.
_LASTING = {Authority.HAND, Authority.ACCEPTED}


class NothingPriced(LookupError):
    """A name that no endpoint and no model has; the text says what to do."""


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """A price that a user sets: for one endpoint by id, or for all of a model.

    `from_ms` is from when on it holds; `None`: from now.
    """

    name: str
    rates: tuple[Rate, ...]
    by: str
    from_ms: int | None = None


def install(session: Session, prices: Mapping[str, PriceList], now_ms: int) -> None:
    """Write each endpoint's list, unless what is in force says the same, or has more weight.

    The first list of an endpoint holds from its own `valid_from_ms` on, a later one from now.
    """
    known = reference.load(session)
    for endpoint, wished in prices.items():
        number, *_, lists = known.tariff(endpoint)
        if not _takes_over(wished, lists, now_ms):
            continue
        is_first = in_force(lists, now_ms) is None
        from_ms = wished.valid_from_ms if is_first else now_ms
        rows.append(session, number, replace(wished, valid_from_ms=from_ms, recorded_ms=now_ms))


def install_dated(session: Session, dated: Dated, now_ms: int) -> None:
    """Write what the catalogue says of other times than now: what was, and what is announced.

    What was is written where nothing held then, so that calls that are told late are priced; what
    comes within two days where the catalogue is what holds. Nobody's word is overridden.
    """
    known = reference.load(session)
    for endpoint, lists in dated.items():
        number, *_, standing = known.tariff(endpoint)
        for each in lists:
            if _fills_a_gap(each, standing, now_ms) or _is_announced(each, standing, now_ms):
                rows.append(session, number, replace(each, recorded_ms=now_ms))


def published(session: Session, settings: Settings) -> Dated:
    """All that the catalogue says of the settings' endpoints, and of those met in calls."""
    places = [(e.id, e.target.base_url, e.model_name) for e in settings.endpoints]
    own = {endpoint for endpoint, price in settings.prices.items() if price is not None}
    listed = [place for place in [*places, *_met(session, settings)] if place[0] not in own]
    return {id_: catalogue.price_lists(base_url, name) for id_, base_url, name in listed}


def effective(session: Session, settings: Settings, now_ms: int) -> dict[str, PriceList]:
    """The price of each endpoint by id once `install` is done; no entry: unpriced.

    Endpoints that no settings name and that were met in calls are among them.
    """
    wished = catalogue.effective_prices(settings.endpoints, settings.prices, now_ms)
    met = _met(session, settings)
    for endpoint, base_url, name in met:
        published = in_force(catalogue.price_lists(base_url, name), now_ms)
        if published is not None:
            wished[endpoint] = published
    tariffs = reference.load(session).tariffs
    found = {}
    for endpoint in [*(e.id for e in settings.endpoints), *(place[0] for place in met)]:
        lists = _lists_of(endpoint, settings, tariffs)
        own, standing = wished.get(endpoint), in_force(lists, now_ms)
        chosen = own if own is not None and _takes_over(own, lists, now_ms) else standing
        if chosen is not None:
            found[endpoint] = chosen
    return found


def effective_at(settings: Settings, now_ms: int) -> dict[str, PriceList]:
    """The same for whoever has no database open; without one, as a first start would find it."""
    path = path_of(settings.database_url)
    try:
        if path is None or migrate.current(settings.database_url) == migrate.head():
            database = Database(settings.database_url)
            try:
                with database.reading() as session:
                    return effective(session, settings, now_ms)
            finally:
                database.close()
    except DatabaseRefused:
        pass  # whoever asks is told of it elsewhere
    return catalogue.effective_prices(settings.endpoints, settings.prices, now_ms)


def set_own(session: Session, price: OwnPrice, now_ms: int) -> list[str]:
    """Write a user's price, and say of which endpoints by id. Raises NothingPriced."""
    named = endpoints_of(session, price.name)
    for number in named.values():
        own = PriceList(
            price.rates,
            source=f"set by {price.by}",
            valid_from_ms=now_ms if price.from_ms is None else price.from_ms,
            recorded_ms=now_ms,
            authority=Authority.HAND,
        )
        rows.append(session, number, own)
    return sorted(named)


def endpoints_of(session: Session, name: str | None) -> dict[str, int]:
    """The endpoints of an id, or else of a model, or all of them, by id. Raises NothingPriced."""
    watched = endpoints.watched(session)
    if name is None:
        return {e.slug: e.id for e in endpoints.every(session)}
    named = [e for e in watched if e.slug == name] or [e for e in watched if e.model == name]
    if not named:
        known = ", ".join(e.slug for e in watched) or "none"
        raise NothingPriced(f"{name!r} is no endpoint and no model; endpoints are: {known}")
    return {e.slug: e.id for e in named}


def _met(session: Session, settings: Settings) -> list[tuple[str, str, str]]:
    """Id, base URL and model name of who was met and is not in the settings by now."""
    named = {endpoint.id for endpoint in settings.endpoints}
    return [
        (place.slug, place.base_url, place.model_name)
        for place in endpoint_rows.places(session)
        if place.is_met and place.is_watched and place.slug not in named
    ]


def _fills_a_gap(each: PriceList, standing: Sequence[PriceList], now_ms: int) -> bool:
    is_past = each.valid_to_ms is not None and each.valid_to_ms <= now_ms
    return is_past and in_force(standing, each.valid_from_ms) is None


def _is_announced(each: PriceList, standing: Sequence[PriceList], now_ms: int) -> bool:
    if not now_ms < each.valid_from_ms <= now_ms + ANNOUNCED_MS:
        return False
    then = in_force(standing, each.valid_from_ms)
    if then is None:  # what holds until then ends by itself
        return True
    is_same = (then.rates, then.source) == (each.rates, each.source)
    return then.authority is Authority.CATALOGUE and not is_same


def _takes_over(wished: PriceList, lists: Sequence[PriceList], now_ms: int) -> bool:
    """Whether a list of the settings or the catalogue has something to add to what stands.

    The settings add only what they did not say before: a price set by hand since then stands.
    """
    standing = in_force(lists, now_ms)
    if standing is None:
        return True
    if wished.authority is Authority.SETTINGS:
        said = [each for each in lists if each.authority is Authority.SETTINGS]
        newest = max(said, key=lambda each: (each.recorded_ms, each.id or 0), default=None)
        is_repeat = newest is not None and newest.rates == wished.rates
        return not (is_repeat and standing.authority in {Authority.SETTINGS, Authority.HAND})
    if standing.authority in _LASTING:
        return False
    return (standing.rates, standing.source) != (wished.rates, wished.source)


def _lists_of(
    endpoint: str, settings: Settings, tariffs: Mapping[str, Tariff]
) -> tuple[PriceList, ...]:
    """The lists of an endpoint, which may be about to be renamed."""
    known = tariffs.get(endpoint) or tariffs.get(settings.former_ids.get(endpoint, endpoint))
    return () if known is None else known.prices
