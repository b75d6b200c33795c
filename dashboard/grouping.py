"""Grouping: what figures of usage and spend are kept apart by, and of which calls they are.

Both stand in the query string: `by` is one of `GROUPINGS`; `model`, `provider`, `endpoint`,
`origin`, `team`, `project`, `app`, `key`, `user` and `tag` leave out all calls but those. `(none)`
stands for calls of which that is not known, since an address cannot hold an empty name.
"""

import re
from dataclasses import fields
from urllib.parse import quote, urlencode

from dashboard.choices import BadChoice, Choice
from monitor.domain import tags
from monitor.domain.calls import Origin
from monitor.domain.dimensions import NOT_KNOWN, Dimension, Filters, short_user

#: In the order in which they are offered.
GROUPINGS = (
    Dimension.MODEL,
    Dimension.PROVIDER,
    Dimension.ENDPOINT,
    Dimension.APP,
    Dimension.TEAM,
    Dimension.PROJECT,
    Dimension.KEY,
    Dimension.USER,
    Dimension.TAG,
    Dimension.ORIGIN,
)
_USER = re.compile("[0-9a-f]{8,64}")
FILTERS = tuple(field.name for field in fields(Filters))


def grouping(choice: Choice, default: Dimension = Dimension.MODEL) -> Dimension:
    """What the reader keeps apart. Raises `BadChoice`."""
    name = choice.query.get("by", default)
    if name not in GROUPINGS:
        raise BadChoice(f"by={name!r} is no grouping; use one of {', '.join(GROUPINGS)}")
    return Dimension(name)


def filters(choice: Choice) -> Filters:
    """Which calls the reader wants to see. Raises `BadChoice`."""
    asked = {name: choice.query.get(name) for name in FILTERS}
    given = {name: "" if value == NOT_KNOWN else value for name, value in asked.items()}
    origin, tag = asked["origin"], given["tag"]
    if origin is not None and origin not in list(Origin):
        raise BadChoice(f"origin={origin!r} is not known; use one of {', '.join(Origin)}")
    if given["user"] and not _USER.fullmatch(given["user"]):
        remedy = "use the hexadecimal digits that usage by user shows, eight of them or more"
        raise BadChoice(f"user={given['user']!r} is no user; {remedy}")
    try:
        return Filters(**given | ({"tag": tags.write(*tags.read(tag))} if tag else {}))
    except ValueError as error:
        raise BadChoice(f"tag={error}") from None


def shown(by: Dimension, name: str) -> str:
    """A name that is filtered by, in words; of a user the first digits of his hash."""
    return short_user(name) if by is Dimension.USER and name else written(name)


def link(choice: Choice, path: str, **changes: str | None) -> str:
    """A link that keeps all that is chosen, but for these; `None` takes a key away."""
    kept = {key: value for key, value in choice.query.items() if key not in {*changes, "before"}}
    query = kept | {key: value for key, value in changes.items() if value is not None}
    safe = quote(path, safe="/@:")
    return f"{safe}?{urlencode(query)}" if query else safe


def written(name: str) -> str:
    """A name as an address holds it."""
    return name or NOT_KNOWN
