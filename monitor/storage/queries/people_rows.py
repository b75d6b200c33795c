"""People rows: which rows of a rollup or of the ledger are of a user or under a tag."""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, column, exists, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from monitor.domain import tags
from monitor.domain.dimensions import Dimension, Filters
from monitor.storage.models.ledger import CallDetailRow, CallRow
from monitor.storage.models.rollups import TagDay, Usage15m, UsageDay, UserDay
from monitor.storage.people import TAGGED

Source = Usage15m | UsageDay | UserDay | TagDay | CallRow
Told = ColumnElement[Any] | InstrumentedAttribute[Any]

#: Beyond every hash that begins with some digits, however long it is.
_DIGITS = 64
#: Tags as they were written, in the order in which they were told.
_TAGS: ColumnElement[str] = cast(CallDetailRow.tags, Text)


class _EachTag(GenericFunction[Any]):
    """A row (key, value) for each tag of a call."""

    inherit_cache = True
    name = "each_tag"


@compiles(_EachTag, "sqlite")
def _in_sqlite(element: _EachTag, compiler: SQLCompiler, **more: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **more)})"


@compiles(_EachTag, "postgresql")
def _in_postgresql(element: _EachTag, compiler: SQLCompiler, **more: Any) -> str:
    return f"json_each_text({compiler.process(element.clauses, **more)})"


def teller(row: type[Source], by: Dimension) -> Told | None:
    """The column that says which user, or under which tag or tags; `None` where none does."""
    if by is Dimension.USER:
        return UserDay.user_hash if row is UserDay else CallDetailRow.user_hash
    if by is Dimension.TAG:
        return TagDay.tag if row is TagDay else _TAGS
    return None


def conditions(
    row: type[Source], filters: Filters, told: Collection[Dimension]
) -> Iterator[ColumnElement[bool]]:
    """The conditions on rows. Raises LookupError where they do not know who called."""
    for by, name in ((Dimension.USER, filters.user), (Dimension.TAG, filters.tag)):
        if name is not None or by in told:
            yield _of_users(row, name) if by is Dimension.USER else _of_tags(row, name)


def _of_users(row: type[Source], name: str | None) -> ColumnElement[bool]:
    if row is UserDay:
        return UserDay.user_hash.is_not(None) if name is None else _begins(UserDay.user_hash, name)
    known = CallDetailRow.user_hash
    if name == "":
        return ~_in_detail(row, known.is_not(None))
    return _in_detail(row, known.is_not(None) if name is None else _begins(known, name))


def _begins(user_hash: InstrumentedAttribute[Any], digits: str) -> ColumnElement[bool]:
    first = bytes.fromhex(digits + "0" * (len(digits) % 2))
    return user_hash.between(first, bytes.fromhex(digits.ljust(_DIGITS, "f")))


def _of_tags(row: type[Source], tag: str | None) -> ColumnElement[bool]:
    if row is TagDay:
        return TagDay.tag == (TAGGED if tag is None else tag)
    if not tag:
        is_tagged = _in_detail(row, CallDetailRow.tags.is_not(None))
        return is_tagged if tag is None else ~is_tagged
    name, value = tags.read(tag)
    each = _EachTag(CallDetailRow.tags).table_valued(column("key", Text), column("value", Text))
    return _in_detail(
        row, exists(select(each.c.key).where(each.c.key == name, each.c.value == value))
    )


def _in_detail(row: type[Source], condition: ColumnElement[bool]) -> ColumnElement[bool]:
    if row is not CallRow:
        raise LookupError(f"{row.__tablename__} does not know who called")
    of_call = CallDetailRow.call_id == CallRow.id
    return exists(select(CallDetailRow.call_id).where(of_call, condition).correlate(CallRow))
