"""Endpoints: what is watched, and what was."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from monitor.domain.endpoints import Flavour
from monitor.storage.models.ledger import EndpointRow, FormerIdRow


@dataclass(frozen=True, slots=True)
class EndpointFacts:
    """An endpoint as registered; `slug` is its id in the settings, `id` its number here."""

    id: int
    slug: str
    provider: str
    model: str
    family: str
    model_name: str
    base_url: str
    flavour: Flavour
    key_alias: str
    interval_s: float
    is_probed: bool
    created_ms: int
    retired_ms: int | None
    target_id: int | None


def watched(session: Session) -> list[EndpointFacts]:
    """The endpoints of the settings now in force, by provider and slug."""
    return _select(session, EndpointRow.retired_ms.is_(None))


def serving(session: Session, model: str) -> list[EndpointFacts]:
    """Everything that serves or served a model; retired endpoints come last."""
    return _select(session, EndpointRow.model == model)


def in_family(session: Session, family: str) -> list[EndpointFacts]:
    """Everything that serves or served a version of a family; retired endpoints come last."""
    return _select(session, EndpointRow.family == family)


def by_slug(session: Session, slug: str) -> EndpointFacts | None:
    """The endpoint of an id in the settings, retired or not, or of an id that it once had."""
    renamed = select(FormerIdRow.endpoint_id).where(FormerIdRow.slug == slug)
    is_meant = (EndpointRow.slug == slug) | EndpointRow.id.in_(renamed)
    return next(iter(_select(session, is_meant)), None)


def every(session: Session) -> list[EndpointFacts]:
    """All endpoints that ever were; retired ones come last."""
    return _select(session)


def with_targets(chosen: Iterable[EndpointFacts]) -> list[int]:
    """The numbers of endpoints, and of the targets that their reachability is checked at."""
    numbers = {each.id: None for each in chosen}
    targets = {each.target_id: None for each in chosen if each.target_id is not None}
    return [*numbers, *targets]


def _select(session: Session, *conditions: ColumnElement[bool]) -> list[EndpointFacts]:
    # A row without a model is a target, which only reach calls are made to.
    chosen = (
        select(EndpointRow)
        .where(EndpointRow.model.is_not(None), *conditions)
        .order_by(EndpointRow.retired_ms.is_not(None), EndpointRow.provider, EndpointRow.slug)
    )
    return [_facts(row) for row in session.scalars(chosen)]


def _facts(row: EndpointRow) -> EndpointFacts:
    return EndpointFacts(
        id=row.id,
        slug=row.slug,
        provider=row.provider,
        model=row.model or "",
        family=row.family or "",
        model_name=row.model_name or "",
        base_url=row.base_url,
        flavour=Flavour(row.flavour),
        key_alias=row.key_alias,
        interval_s=row.interval_ms / 1000,
        is_probed=row.is_probed,
        created_ms=row.created_ms,
        retired_ms=row.retired_ms,
        target_id=row.target_id,
    )
