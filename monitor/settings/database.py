"""Database: the file or the server that the settings name.

A password stands in the URL, percent-encoded; it is told apart, to be kept out of all texts.
"""

from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from monitor.domain.secrets import Secret

_SERVERS = frozenset({"postgresql", "postgres", "postgresql+psycopg"})
#: A shorter word would be struck out of texts that have nothing to do with it.
_LEAST_SECRET = 6


class Place(NamedTuple):
    """Where the ledger is kept, and what nobody may read of it."""

    url: str
    secrets: tuple[Secret, ...] = ()


def read_database(text: str, home: Path) -> Place:
    """The place that a value names; a path counts from `home`. Raises ValueError: why it is none.

    No sentence repeats any of it, for what is wrong may be the password.
    """
    scheme, mark, rest = text.partition("://")
    if not mark:
        return Place(f"sqlite:///{(home / Path(text).expanduser()).resolve()}")
    if scheme in _SERVERS:
        return _read_server(rest)
    if scheme != "sqlite" or not rest.strip("/"):
        raise ValueError("is no file, and no sqlite:/// or postgresql:// URL; give one of them")
    return Place(f"sqlite:///{(home / rest.removeprefix('/')).resolve()}")


def _read_server(rest: str) -> Place:
    advice = "write postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
    encoded = f"{advice}, and in the password %40 for @, %2F for /, %23 for #, %3F for ?, %25 for %"
    parts = urlsplit(f"postgresql://{rest}")
    if parts.fragment or parts.netloc.count("@") > 1 or "@" in parts.path:
        raise ValueError(f"is a URL that can be read in two ways; {encoded}")
    try:
        _ = parts.port
    except ValueError:
        raise ValueError(f"has a port that is no number; {encoded}") from None
    if not parts.path.strip("/") or "/" in parts.path[1:]:
        raise ValueError(f"names no database at its end; {advice}")
    passwords = {unquote(parts.password or ""), *parse_qs(parts.query).get("password", ())}
    secrets = (Secret(each) for each in passwords if len(each) >= _LEAST_SECRET)
    return Place(f"postgresql+psycopg://{rest}", tuple(secrets))
