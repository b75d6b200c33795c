"""The directory: which endpoint is meant by those who tell of calls."""

from collections.abc import Iterable
from dataclasses import replace

from monitor.domain.addresses import Address, bare, read_address
from monitor.domain.endpoints import Endpoint, Flavour, Target
from monitor.domain.events import Addressee
from monitor.domain.roster import PROVIDERS, provider_at
from monitor.services import catalogue
from monitor.services.maintenance import kept_true
from monitor.services.prices import ANNOUNCED_MS
from monitor.storage import endpoints as rows
from monitor.storage import health, prices
from monitor.storage.endpoints import Place
from monitor.storage.engine import Session

#: So many endpoints that nobody watches are kept apart: a name with a number in it has no end.
MOST_MET = 1_000
_NO_KEY = "unknown"
#: OpenRouter is spoken to as OpenAI is: who tells of a call may take it for that.
_ALIKE = {Flavour.OPENROUTER: Flavour.OPENAI_CHAT}


class TooManyMet(RuntimeError):
    """More endpoints were met in calls than are kept apart."""


class Directory:
    """What the ledger knows of endpoints, by what they are called and by where they are."""

    def __init__(self, session: Session) -> None:
        places = rows.places(session)
        self._by_id = {place.slug: place for place in places}
        by_id = {place.id: place for place in places}
        former = rows.former(session).items()
        self._by_id = {slug: by_id[n] for slug, n in former if n in by_id} | self._by_id
        self._by_model: dict[str, list[Place]] = {}
        for place in places:
            self._by_model.setdefault(place.model_name, []).append(place)
        self._found: dict[tuple[Addressee, str | None], Place] = {}

    def find(self, to: Addressee, key: str | None = None) -> Place | None:
        """The endpoint that is meant, of several the one that is watched, with that key."""
        known = self._found.get((to, key))
        if known is None:
            known = self._look_up(to, key)
            if known is not None:
                self._found[to, key] = known
        return known

    def _look_up(self, to: Addressee, key: str | None) -> Place | None:
        if to.endpoint is not None:
            return self._by_id.get(to.endpoint)
        found = [each for each in self._by_model.get(to.model or "", ()) if _is_at(each, to)]
        return max(
            found,
            key=lambda each: (
                each.is_watched,
                not each.is_met,
                each.key_alias == key,
                len(each.base_url),
                -each.id,
            ),
            default=None,
        )

    def provider_at(self, base_url: str) -> str | None:
        """Who serves other models at a base URL."""
        places = (place for each in self._by_model.values() for place in each)
        return next((p.provider for p in places if bare(p.base_url) == bare(base_url)), None)


def meet(session: Session, strangers: Iterable[Addressee], now_ms: int) -> None:
    """Make endpoints of those that calls went to and nobody watches: unprobed, at published prices.

    Safe to repeat; slow where the catalogue was not asked before. Raises TooManyMet.
    """
    with kept_true(session):
        for to in strangers:
            known = Directory(session)
            if known.find(to) is None:
                if rows.count_met(session) >= MOST_MET:
                    raise TooManyMet(
                        f"over {MOST_MET} models were met that nobody watches; name this one in "
                        "the settings, or send the model without what changes from call to call"
                    )
                _register(session, _endpoint(session, to, known), now_ms)


def _register(session: Session, endpoint: Endpoint, now_ms: int) -> None:
    target, _ = rows.put_target(session, endpoint.target, now_ms, is_met=True)
    number, is_new = rows.put_endpoint(session, endpoint, target, now_ms, is_met=True)
    if is_new:
        health.begin(session, number, now_ms)
        published = catalogue.price_lists(endpoint.target.base_url, endpoint.model_name)
        for each in published:
            if each.valid_from_ms <= now_ms + ANNOUNCED_MS:
                prices.append(session, number, replace(each, recorded_ms=now_ms))


def _endpoint(session: Session, to: Addressee, directory: Directory) -> Endpoint:
    model = to.model or ""
    address = None if to.url is None else read_address(to.url)
    provider = to.provider or (_provider(address, directory) if address else "unknown")
    base_url = address.base_url if address else _base_url(provider)
    flavour = _flavour(to, address or (read_address(base_url) if base_url else None))
    target = Target(
        f"{provider}@{base_url} ({flavour})", provider, base_url, flavour, _NO_KEY, None
    )
    names = (
        f"{provider}/{model}",
        f"{provider}/{model} at {base_url}",
        f"{provider}/{model} at {base_url} ({flavour})",
    )
    slug = next((name for name in names if rows.number_of(session, name) is None), names[-1])
    canonical = model if "/" in model else f"{provider}/{model}"
    return Endpoint(slug, target, canonical, model, is_probed=False, performance_interval_s=None)


def _flavour(to: Addressee, address: Address | None) -> Flavour:
    spoken = None if address is None else address.flavour
    if to.flavour is None or _ALIKE.get(spoken or to.flavour) is to.flavour:
        return spoken or Flavour.OPENAI_CHAT
    return to.flavour


def _provider(address: Address, directory: Directory) -> str:
    known = provider_at(address.base_url)
    own = directory.provider_at(address.base_url)
    return own or (address.host if known is None else known.name)


def _base_url(provider: str) -> str:
    return next((p.base_url for p in PROVIDERS if p.name == provider and p.base_url), "")


def _is_at(place: Place, to: Addressee) -> bool:
    if to.provider is not None and to.provider != place.provider:
        return False
    if to.flavour is not None and _ALIKE.get(to.flavour, to.flavour) is not _ALIKE.get(
        place.flavour, place.flavour
    ):
        return False
    if to.url is None:
        return True
    address = read_address(to.url)
    spoken = None if address.flavour is None else _ALIKE.get(address.flavour, address.flavour)
    own = _ALIKE.get(place.flavour, place.flavour)
    is_spoken = to.flavour is not None or spoken in {None, own}
    return is_spoken and bare(address.base_url) == bare(place.base_url)
