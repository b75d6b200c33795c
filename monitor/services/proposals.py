"""Proposals: what sources say that endpoints cost, compared, doubted, accepted or not."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from monitor.domain.offers import Offer, differences, doubts
from monitor.domain.prices import Authority, PriceList, in_force
from monitor.services import reference
from monitor.storage import prices, proposals
from monitor.storage.engine import Session
from monitor.storage.proposals import Proposal

_DECIDED = {Authority.HAND, Authority.ACCEPTED}


class CannotDecide(LookupError):
    """A proposal that is not there, is decided, or is older than what holds."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Where a source prices leaves otherwise than what holds: pico-dollars, before and after.

    `differs` is empty where there was no price before.
    """

    endpoint: str
    proposal: Proposal
    standing: PriceList | None
    differs: dict[str, tuple[int | None, int]]


@dataclass(frozen=True, slots=True)
class Proposed:
    """How many offers of a source are new, say what holds, or are older than what is known."""

    new: int
    same: int
    older: int


def propose(
    session: Session, source: str, offers: Sequence[Offer], as_of_ms: int, now_ms: int
) -> Proposed:
    """Keep what a source offers, as of an instant; nothing that holds is changed by it.

    Left out is what says the same as the price in force, and what is older than that price or
    than the source's own last word.
    """
    known, said = reference.load(session), proposals.newest(session)
    new = same = older = 0
    for offer in offers:
        number, *_, lists = known.tariff(offer.endpoint)
        standing, last = in_force(lists, now_ms), said.get((number, source))
        price = PriceList(offer.rates, source, as_of_ms)
        if standing is not None and not differences(price, standing):
            same += 1
        elif is_older(as_of_ms, standing) or (last is not None and as_of_ms < last.as_of_ms):
            older += 1
        elif last is None or last.price.rates != price.rates:
            proposals.add(session, number, price, "; ".join(doubts(price, standing)), now_ms)
            new += 1
        else:
            same += 1
    return Proposed(new, same, older)


def disagreements(session: Session, now_ms: int, *, only_open: bool) -> list[Disagreement]:
    """Where the last word of a source is not what holds; of `only_open`, the undecided ones."""
    known = reference.load(session)
    found = []
    for (number, _), proposal in proposals.newest(session).items():
        endpoint = known.slugs[number]
        standing = in_force(known.tariff(endpoint).prices, now_ms)
        differs = {} if standing is None else differences(proposal.price, standing)
        is_settled = standing is not None and not differs
        if not is_settled and not (only_open and proposal.is_accepted is not None):
            found.append(Disagreement(endpoint, proposal, standing, differs))
    return found


def accept(session: Session, ids: Collection[int], by: str, now_ms: int) -> list[str]:
    """Let proposals hold from now on, and say for which endpoints. Raises CannotDecide."""
    chosen = _find(session, ids, now_ms)
    for each in chosen:
        if is_older(each.proposal.as_of_ms, each.standing):
            raise CannotDecide(
                f"proposal {each.proposal.id} is older than the price of {each.endpoint} that "
                "holds; nothing is accepted"
            )
        price = replace(each.proposal.price, valid_from_ms=now_ms, recorded_ms=now_ms)
        accepted = replace(price, authority=Authority.ACCEPTED)
        prices.append(session, each.proposal.endpoint_id, accepted)
    proposals.decide(session, ids, by, now_ms, is_accepted=True)
    return sorted({each.endpoint for each in chosen})


def reject(session: Session, ids: Collection[int], by: str, now_ms: int) -> list[str]:
    """Leave what holds, and say for which endpoints. Raises CannotDecide."""
    chosen = _find(session, ids, now_ms)
    proposals.decide(session, ids, by, now_ms, is_accepted=False)
    return sorted({each.endpoint for each in chosen})


def _find(session: Session, ids: Collection[int], now_ms: int) -> list[Disagreement]:
    by_id = {d.proposal.id: d for d in disagreements(session, now_ms, only_open=True)}
    missing = [number for number in ids if number not in by_id]
    if missing:
        text = f"proposal {missing[0]} is not open; `inferwatch prices diff` lists those that are"
        raise CannotDecide(text)
    return [by_id[number] for number in ids]


def is_older(as_of_ms: int, standing: PriceList | None) -> bool:
    """Whether somebody decided on a price after a source said another."""
    decided = standing is not None and standing.authority in _DECIDED
    return decided and standing is not None and as_of_ms < standing.recorded_ms
