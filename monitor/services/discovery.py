"""Discovery: which keys and servers are here, and what a first start would watch of them.

Decides only: the environment is a mapping, and what is asked of local servers goes through a
function that fetches. Keys are looked for, never read out.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from monitor.services.starters import (
    LOCAL_SERVERS,
    NOT_YET,
    STARTERS,
    LocalServer,
    Starter,
    Suggestion,
)
from monitor.settings.values import spell_id

_OK, _UNAUTHORIZED, _LOADING = 200, 401, 503
_AGAIN = "run `inferwatch init --path other.yaml` for a proposal"
_NOTHING = object()
_LONGEST_NAME = 200
_SAFE = re.compile(r"[^\s$\x00-\x1f\x7f](?:[^$\x00-\x1f\x7f]*[^\s$\x00-\x1f\x7f])?")
_NO_CHAT = ("embed", "rerank", "whisper", "bge-", "tts")


@dataclass(frozen=True, slots=True)
class Page:
    """What a local server answered; `body` is cut at a mebibyte."""

    status: int
    body: str


#: Answers `GET url` within about a second; `None` where nobody does.
Fetch = Callable[[str], Awaitable[Page | None]]


@dataclass(frozen=True, slots=True)
class Found:
    """A provider to watch. The first model is watched, the others are written as suggestions.

    `key_variable` is `None` for a server on this machine, which costs nothing;
    `base_url_variable` says which variable, if any, gave the base URL.
    """

    provider: str
    base_url: str
    models: tuple[Suggestion, ...]
    key_variable: str | None = None
    base_url_variable: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether it runs on this machine, free of charge."""
        return self.key_variable is None


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found, keys of providers that come later, and what could not be used, as notes."""

    found: tuple[Found, ...] = ()
    not_yet: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


async def discover(
    variables: Mapping[str, str],
    fetch: Fetch,
    servers: Sequence[LocalServer] = LOCAL_SERVERS,
    starters: Sequence[Starter] = STARTERS,
) -> Discovery:
    """What the environment and the usual local ports hold."""
    hosted = tuple(_found_key(s, variables) for s in starters if _is_set(variables, s.key_variable))
    local = await asyncio.gather(*(_look_at(server, fetch) for server in servers))
    return Discovery(
        found=(*hosted, *_distinct(found for found in local if isinstance(found, Found))),
        not_yet=tuple((v, title) for v, title in NOT_YET.items() if _is_set(variables, v)),
        notes=tuple(note for note in local if isinstance(note, str)),
    )


def _is_set(variables: Mapping[str, str], name: str) -> bool:
    return bool(variables.get(name, "").strip())


def _found_key(starter: Starter, variables: Mapping[str, str]) -> Found:
    elsewhere = next((v for v in starter.base_url_variables if _is_set(variables, v)), None)
    base_url = starter.base_url if elsewhere is None else variables[elsewhere].strip()
    return Found(
        starter.provider, base_url.rstrip("/"), starter.models, starter.key_variable, elsewhere
    )


async def _look_at(server: LocalServer, fetch: Fetch) -> Found | str | None:
    """The server on its port; a note where there is one that cannot be used; else `None`."""
    root = f"http://127.0.0.1:{server.port}"
    alive = await fetch(f"{root}{server.liveness_path}")
    if alive is None:
        return None
    if alive.status == _LOADING and "Loading model" in alive.body:
        return f"{server.title} at {root} is still loading its model; {_AGAIN}"
    if alive.status != _OK or not _is_proven(server, alive):
        return None
    listing = await fetch(f"{root}/v1/models")
    if listing is not None and listing.status == _UNAUTHORIZED:
        return f"a server at {root} asks for a key; add it to the settings by hand"
    models = None if listing is None or listing.status != _OK else _models(listing)
    return None if models is None else _judge(server, root, models)


def _is_proven(server: LocalServer, alive: Page) -> bool:
    return server.proof is None or server.proof in (_parse(alive) or {})


def _judge(server: LocalServer, root: str, models: Sequence[Mapping[str, object]]) -> Found | str:
    if not models:
        return f"{server.title} at {root} serves no model yet; load one, then {_AGAIN}"
    if server.owner is not None and models[0].get("owned_by") != server.owner:
        return f"a server at {root} is not known to us; if it speaks OpenAI Chat, add it by hand"
    names = [str(model["id"]) for model in models]
    chatting = [n for n in names if not any(mark in n.lower() for mark in _NO_CHAT)] or names
    found = (Suggestion(name, f"{server.name}/{_short(name)}") for name in chatting)
    return Found(server.name, f"{root}/v1", tuple(found))


def _parse(page: Page) -> dict[str, object] | None:
    try:
        body = json.loads(page.body)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _models(listing: Page) -> list[dict[str, object]] | None:
    """The models listed, `None` where this is no list of models."""
    data = (_parse(listing) or {}).get("data", _NOTHING)
    if data is None:  # how Ollama lists none
        return []
    if not isinstance(data, list):
        return None
    return [each for each in data if isinstance(each, dict) and _is_name(each.get("id"))]


def _is_name(name: object) -> bool:
    """Whether it can be written into settings: there, `${` would fetch a secret for a stranger."""
    return (
        isinstance(name, str)
        and 0 < len(name) <= _LONGEST_NAME
        and _SAFE.fullmatch(name) is not None
    )


def _short(name: str) -> str:
    """The last part of a path to a model file, without its ending."""
    return spell_id(name.rstrip("/").rpartition("/")[2].removesuffix(".gguf") or name)


def _distinct(found: Iterable[Found]) -> Iterable[Found]:
    """Two servers of one kind get two names."""
    names: set[str] = set()
    for each in found:
        port = each.base_url.rpartition(":")[2].removesuffix("/v1")
        name = f"{each.provider}-{port}" if each.provider in names else each.provider
        names.add(name)
        yield replace(each, provider=name)
