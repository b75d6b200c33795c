"""Owners: whose a row of a rollup or of the ledger is, by name; and which rows are chosen."""

from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple, assert_never

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from monitor.domain.calls import Origin
from monitor.domain.dimensions import EVERYTHING, Dimension, Filters, people_in
from monitor.storage import apps
from monitor.storage.models.ledger import AttributionRow, EndpointRow
from monitor.storage.queries import people_rows
from monitor.storage.queries.people_rows import Source

Owner = str | int
#: The one owner of `Dimension.ALL`.
ALL = "all"
_OF_ENDPOINTS = {
    Dimension.ENDPOINT: EndpointRow.slug,
    Dimension.MODEL: EndpointRow.model,
    Dimension.PROVIDER: EndpointRow.provider,
}
_OF_ATTRIBUTIONS = {
    Dimension.TEAM: AttributionRow.team,
    Dimension.PROJECT: AttributionRow.project,
    Dimension.APP: AttributionRow.app,
    Dimension.KEY: AttributionRow.key,
}


class Audience(StrEnum):
    """Whose calls count: a team's figures are without the probes."""

    TEAM = "team"
    PROBES = "probes"
    EVERYONE = "everyone"


class Whose(NamedTuple):
    """Which calls are asked for, and how they are kept apart.

    `told`: only calls that name a user, or tags, whichever they are. `only`: of users these alone.
    """

    by: Dimension
    audience: Audience
    endpoint_ids: Collection[int] | None = None
    filters: Filters = EVERYTHING
    apps: Collection[str] = ()
    told: frozenset[Dimension] = frozenset()
    only: Collection[Owner] | None = None

    @property
    def people(self) -> frozenset[Dimension]:
        """Users, tags, both or neither: what has to be known of calls to answer this."""
        return people_in(self.by, self.filters) | self.told

    def asks_for(self, owner: Owner) -> bool:
        """Whether an owner is one of those that are asked for."""
        return self.only is None or owner in self.only


def asked(
    session: Session,
    by: Dimension,
    audience: Audience,
    endpoint_ids: Collection[int] | None,
    filters: Filters,
) -> Whose:
    """A question, with what it means in this database: an app stands for its aliases too."""
    meant = () if filters.app is None else apps.identities(session, filters.app)
    return Whose(by, audience, endpoint_ids, filters, meant)


def keys_of(by: Dimension) -> tuple[str, ...]:
    """The column whose values `names` names; none where what every row has keeps nothing apart."""
    if by is Dimension.ORIGIN:
        return ("origin",)
    if by in _OF_ENDPOINTS:
        return ("endpoint_id",)
    return ("attribution_id",) if by in _OF_ATTRIBUTIONS else ()


def names(session: Session, by: Dimension) -> Mapping[Any, Owner]:
    """The owner that each value of `keys_of` stands for: endpoints are their own numbers."""
    if not keys_of(by):
        return {}
    if by is Dimension.ORIGIN:
        return {origin: origin.value for origin in Origin}
    if by is Dimension.ENDPOINT:
        return {number: number for number in session.scalars(select(EndpointRow.id))}
    if by in _OF_ENDPOINTS:
        named: Select[Any, Any] = select(EndpointRow.id, func.coalesce(_OF_ENDPOINTS[by], ""))
    else:
        named = select(AttributionRow.id, _OF_ATTRIBUTIONS[by])
    found: dict[Any, Owner] = {row[0]: row[1] for row in session.execute(named)}
    if by is not Dimension.APP:
        return found
    known = apps.known(session)
    return {number: known.meant(str(app)) for number, app in found.items()}


def places(session: Session, by: Dimension) -> dict[Owner, int]:
    """The place of each owner among all of its kind, by when it was first met: it never moves."""
    named = names(session, by)
    ordered = dict.fromkeys(named[number] for number in sorted(named))
    return {owner: place for place, owner in enumerate(ordered)}


def chosen(row: type[Source], whose: Whose) -> Iterator[ColumnElement[bool]]:
    """The conditions on rows of a rollup or of the ledger.

    Raises LookupError where they do not know who called.
    """
    yield from people_rows.conditions(row, whose.filters, whose.told)
    yield row.endpoint_id.in_(_endpoints(whose))
    match whose.audience:
        case Audience.TEAM:
            yield row.origin != Origin.PROBE
        case Audience.PROBES:
            yield row.origin == Origin.PROBE
        case Audience.EVERYONE:
            pass
        case _:
            assert_never(whose.audience)
    if whose.filters.origin is not None:
        yield row.origin == Origin(whose.filters.origin)
    wanted = [
        AttributionRow.app.in_(whose.apps) if by is Dimension.APP else _OF_ATTRIBUTIONS[by] == name
        for by, name in whose.filters.given()
        if by in _OF_ATTRIBUTIONS
    ]
    if wanted:
        yield row.attribution_id.in_(select(AttributionRow.id).where(*wanted))


def _endpoints(whose: Whose) -> Collection[int] | Select[int]:
    """Reach checks are made to targets, which have no model: they count where one is named."""
    wanted = [
        _OF_ENDPOINTS[by] == name for by, name in whose.filters.given() if by in _OF_ENDPOINTS
    ]
    if whose.endpoint_ids is None:
        return select(EndpointRow.id).where(EndpointRow.model.is_not(None), *wanted)
    if not wanted:
        return whose.endpoint_ids
    return select(EndpointRow.id).where(EndpointRow.id.in_(whose.endpoint_ids), *wanted)
