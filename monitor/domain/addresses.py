"""Addresses: what the URL of a request tells of the endpoint that it went to."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from monitor.domain.endpoints import Flavour
from monitor.domain.roster import flavour_at, provider_at

_VERSION = re.compile(r"/v\d+[a-z0-9]*$")
_GEMINI = re.compile(r"/models/[^/]+:[A-Za-z]+$")

#: How the path of a request ends, and what is spoken there; the longer first.
_ENDS = {
    "/chat/completions": Flavour.OPENAI_CHAT,
    "/responses": Flavour.OPENAI_RESPONSES,
    "/embeddings": Flavour.OPENAI_EMBEDDINGS,
    "/messages": Flavour.ANTHROPIC,
    "/api/chat": Flavour.OLLAMA,
}


class Address(NamedTuple):
    """A base URL, its host, and what is spoken there; `None` where that is not told."""

    base_url: str
    host: str
    flavour: Flavour | None


def read_address(url: str) -> Address:
    """The base URL of a request's URL, or of one that is a base URL already."""
    base, flavour = _split(url.rstrip("/"))
    known = provider_at(base)
    if flavour is Flavour.OPENAI_CHAT and known is not None and known.speaks_at(base):
        flavour = known.flavour if known.flavour is Flavour.OPENROUTER else flavour
    if flavour is None and known is not None and known.speaks_at(base):
        flavour = flavour_at(base)
    return Address(base, urlsplit(base).netloc, flavour)


def plain_url(url: str) -> str:
    """A URL without user, query and fragment, where secrets may stand. Raises ValueError."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError("is no URL") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("has to begin with http:// or https://, and to name a host")
    host = parts.netloc.rpartition("@")[2].lower()
    return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))


def bare(base_url: str) -> str:
    """A base URL without the version at its end, which is written or left out."""
    return _VERSION.sub("", base_url.rstrip("/").lower())


def _split(url: str) -> tuple[str, Flavour | None]:
    for end, flavour in _ENDS.items():
        if url.endswith(end):
            return url.removesuffix(end), flavour
    gemini = _GEMINI.search(url)
    if gemini is not None:
        return url[: gemini.start()], Flavour.GEMINI
    if url.endswith("/chat") and flavour_at(url.removesuffix("/chat")) is Flavour.COHERE:
        return url.removesuffix("/chat"), Flavour.COHERE
    return url, None
