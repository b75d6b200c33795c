"""Feeds: what a source of prices said is proposed; a broken or older one changes nothing."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from hashlib import blake2b

from monitor.domain.endpoints import Endpoint, Target
from monitor.domain.feeds import Feed, Feeds, Policy
from monitor.domain.offers import Said
from monitor.domain.prices import Authority
from monitor.services import proposals, retirements
from monitor.settings.model import Settings
from monitor.storage import endpoints as places
from monitor.storage import feeds as rows
from monitor.storage.engine import Session
from monitor.storage.feeds import Asked

#: A feed that failed is asked again after so long, or sooner where all are.
RETRY_MS = 3_600_000
#: Who accepts what the policy lets.
BY_POLICY = "the policy `within_reason`"
#: Whose price a feed may take the place of without being asked.
_OURS = {Authority.CATALOGUE, Authority.ACCEPTED}
_LONGEST_ERROR = 500
#: What is taken of a document: one that was read for less is asked for anew.
_TAKEN = "prices, retirements"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How asking a feed went: how much of it is new, and for which endpoints it holds at once."""

    asked: Asked
    new: int = 0
    accepted: tuple[str, ...] = ()


def due(session: Session, feeds: Feeds, now_ms: int) -> list[Feed]:
    """Those that are to be asked now."""
    known = {asked.feed: asked for asked in rows.every(session)}
    every_ms = round(feeds.every_s * 1000)
    found = []
    for feed in feeds.sources:
        asked = known.get(feed)
        wait_ms = every_ms if asked and asked.error is None else min(every_ms, RETRY_MS)
        if asked is None or not asked.tried_ms <= now_ms < asked.tried_ms + wait_ms:
            found.append(feed)
    return found


def known_etag(session: Session, feed: Feed, asked_for: Iterable[Endpoint]) -> str | None:
    """What a feed had when it told the prices of these endpoints last; `None`: ask it anew."""
    known = next((asked for asked in rows.every(session) if asked.feed == feed), None)
    whose, _, etag = (known.etag or "" if known else "").partition(" ")
    return etag if etag and whose == _digest(asked_for) else None


def priceable(session: Session, settings: Settings) -> list[Endpoint]:
    """The endpoints of the settings that the ledger knows, and those that were met in calls."""
    known = {place.slug: place for place in places.places(session)}
    named = {endpoint.id for endpoint in settings.endpoints}
    met = [p for p in known.values() if p.is_met and p.is_watched and p.slug not in named]
    return [*(e for e in settings.endpoints if e.id in known), *map(_endpoint, met)]


def take(
    session: Session, feed: Feed, said: Said, as_of_ms: int, now_ms: int, policy: Policy
) -> Outcome:
    """Propose what a feed said, as of an instant; accept of it what the policy lets."""
    proposed = proposals.propose(session, feed.name, said.offers, as_of_ms, now_ms)
    retirements.say(session, feed.name, said.retiring, now_ms)
    asked = Asked(feed, now_ms, now_ms, as_of_ms, said=len(said.offers), remarks=said.remarks)
    rows.put(session, asked)
    accepted: list[str] = []
    if policy is Policy.WITHIN_REASON:
        ids = [each.proposal.id for each in _sane(session, feed, now_ms)]
        accepted = proposals.accept(session, ids, BY_POLICY, now_ms) if ids else []
    return Outcome(asked, proposed.new, tuple(accepted))


def keep_etag(session: Session, asked: Asked, etag: str | None, whom: Iterable[Endpoint]) -> None:
    """Note by what a feed can be asked whether it is new."""
    kept = None if etag is None else f"{_digest(whom)} {etag}"
    rows.put(session, replace(asked, etag=kept))


def note_same(session: Session, feed: Feed, now_ms: int) -> Outcome:
    """A feed has nothing new."""
    known = next(asked for asked in rows.every(session) if asked.feed == feed)
    asked = replace(known, tried_ms=now_ms, succeeded_ms=now_ms, error=None)
    rows.put(session, asked)
    return Outcome(asked)


def note_failure(session: Session, feed: Feed, problem: str, now_ms: int) -> Outcome:
    """A feed could not be asked, or understood: what it said before stands."""
    known = next((asked for asked in rows.every(session) if asked.feed == feed), None)
    asked = replace(known or Asked(feed, now_ms), tried_ms=now_ms, error=problem[:_LONGEST_ERROR])
    rows.put(session, asked)
    return Outcome(asked)


def forget_others(session: Session, names: Collection[str]) -> None:
    """Drop feeds that the settings no longer name; their proposals stay."""
    rows.forget_all_but(session, names)


def _sane(session: Session, feed: Feed, now_ms: int) -> list[proposals.Disagreement]:
    opened = proposals.disagreements(session, now_ms, only_open=True)
    return [
        each
        for each in opened
        if each.proposal.price.source == feed.name
        and not each.proposal.doubts
        and (each.standing is None or each.standing.authority in _OURS)
        and not proposals.is_older(each.proposal.as_of_ms, each.standing)
    ]


def _digest(asked_for: Iterable[Endpoint]) -> str:
    told = sorted(f"{e.id} {e.target.base_url} {e.model_name} {e.pins}" for e in asked_for)
    return blake2b("\n".join((_TAKEN, *told)).encode(), digest_size=8).hexdigest()


def _endpoint(place: places.Place) -> Endpoint:
    target = Target(
        place.provider, place.provider, place.base_url, place.flavour, place.key_alias, None
    )
    return Endpoint(place.slug, target, place.model_name, place.model_name, is_probed=False)
