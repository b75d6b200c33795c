"""Discovery: which keys and servers are here, and what a first start would watch of them.

Decides only: the environment is a mapping, and what is asked of local servers goes through a
function that fetches. Keys are looked for, never read out.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from monitor.domain.endpoints import Flavour
from monitor.domain.providers import LocalServer, Provider, Suggestion
from monitor.domain.roster import NOT_WATCHED, PROVIDERS
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
    """A provider to watch. The first of its models is watched, the others are suggestions.

    `key_variable` is `None` for a server on this machine, which costs nothing. `base_url_text` is
    what is written into the settings where a variable names the base URL. With `suggests_only`
    no model is watched yet.
    """

    provider: str
    base_url: str
    models: tuple[Suggestion, ...]
    flavour: Flavour = Flavour.OPENAI_CHAT
    key_variable: str | None = None
    base_url_text: str | None = None
    suggests_only: bool = False

    @property
    def is_local(self) -> bool:
        """Whether it runs on this machine, free of charge."""
        return self.key_variable is None


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found, keys that are not watched and why, and what could not be used, as notes."""

    found: tuple[Found, ...] = ()
    not_watched: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


async def discover(
    variables: Mapping[str, str], fetch: Fetch, providers: Sequence[Provider] = PROVIDERS
) -> Discovery:
    """What the environment and the usual local ports hold of these providers."""
    hosted = [_look_up(provider, variables) for provider in providers]
    servers = [(provider, provider.local) for provider in providers if provider.local is not None]
    local = await asyncio.gather(
        *(_look_at(p, server, port, fetch) for p, server in servers for port in server.ports)
    )
    known = [each for each in (*hosted, *local) if each is not None]
    return Discovery(
        found=tuple(_distinct(each for each in known if isinstance(each, Found))),
        not_watched=tuple((v, why) for v, why in NOT_WATCHED.items() if _is_set(variables, v)),
        notes=tuple(each for each in known if isinstance(each, str)),
    )


def _is_set(variables: Mapping[str, str], name: str) -> bool:
    return bool(variables.get(name, "").strip())


def _first_set(variables: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((name for name in names if _is_set(variables, name)), None)


def _look_up(provider: Provider, variables: Mapping[str, str]) -> Found | str | None:
    """The provider whose key is set; a note where its address is missing; else `None`."""
    key = _first_set(variables, provider.key_variables)
    place = _first_set(variables, provider.base_url_variables)
    if key is None:
        return None
    if place is None and provider.base_url is None:
        needed = " or ".join(provider.base_url_variables)
        return f"{provider.title}: {key} is set; set {needed} too, then {_AGAIN}"
    base_url, text = _address(provider, place, variables)
    models = tuple(_own_models(provider, variables)) or provider.models
    return Found(
        provider=provider.name,
        base_url=base_url,
        models=models,
        flavour=provider.flavour,
        key_variable=key,
        base_url_text=text,
        suggests_only=provider.has_own_names and models is provider.models,
    )


def _address(
    provider: Provider, place: str | None, variables: Mapping[str, str]
) -> tuple[str, str | None]:
    """The base URL, and how the settings refer to it where a variable gives it."""
    if place is None:
        return provider.base_url or "", None
    value = variables[place].strip()
    path = "" if value.rstrip("/").endswith(provider.path) else provider.path
    text = f"${{{place}}}{path.removeprefix('/') if value.endswith('/') else path}"
    return value.rstrip("/") + path, text


def _own_models(provider: Provider, variables: Mapping[str, str]) -> Iterator[Suggestion]:
    """The model that a variable names, where it can be written into settings."""
    named = _first_set(variables, provider.model_variables)
    name = "" if named is None else variables[named].strip()
    if _is_name(name):
        yield Suggestion(name, spell_id(f"{provider.name}/{name}"))


async def _look_at(
    provider: Provider, server: LocalServer, port: int, fetch: Fetch
) -> Found | str | None:
    """The server on its port; a note where there is one that cannot be used; else `None`."""
    root = f"http://127.0.0.1:{port}"
    alive = await fetch(f"{root}{server.liveness_path}")
    if alive is None:
        return None
    if alive.status == _LOADING and "Loading model" in alive.body:
        return f"{provider.title} at {root} is still loading its model; {_AGAIN}"
    if alive.status != _OK or not _is_proven(server, alive):
        return None
    listing = await fetch(f"{root}{server.list_path}")
    if listing is not None and listing.status == _UNAUTHORIZED:
        return f"a server at {root} asks for a key; add it to the settings by hand"
    models = None if listing is None or listing.status != _OK else _models(server, listing)
    return None if models is None else _judge(provider, server, root, models)


def _is_proven(server: LocalServer, alive: Page) -> bool:
    return server.proof is None or server.proof in (_parse(alive) or {})


def _judge(
    provider: Provider, server: LocalServer, root: str, models: Sequence[Mapping[str, object]]
) -> Found | str:
    if not models:
        return f"{provider.title} at {root} serves no model yet; load one, then {_AGAIN}"
    if server.owner is not None and models[0].get("owned_by") != server.owner:
        return f"a server at {root} is not known to us; if it speaks OpenAI Chat, add it by hand"
    names = [str(model[server.name_key]) for model in models]
    chatting = [n for n in names if not any(mark in n.lower() for mark in _NO_CHAT)] or names
    found = tuple(_suggest(provider, name) for name in chatting)
    path = urlsplit(provider.base_url or "").path
    return Found(provider.name, f"{root}{path}", found, provider.flavour)


def _suggest(provider: Provider, name: str) -> Suggestion:
    """A path to a model's file is no name for a screen."""
    short = f"{provider.name}/{_short(name)}"
    return Suggestion(name, short, id=short if name.startswith("/") else None)


def _parse(page: Page) -> dict[str, object] | None:
    try:
        body = json.loads(page.body)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _models(server: LocalServer, listing: Page) -> list[dict[str, object]] | None:
    """The models listed, `None` where this is no list of models."""
    data = (_parse(listing) or {}).get(server.models_key, _NOTHING)
    if data is None:  # how some list none
        return []
    if not isinstance(data, list):
        return None
    return [m for m in data if isinstance(m, dict) and _is_name(m.get(server.name_key))]


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
        port = urlsplit(each.base_url).netloc.rpartition(":")[2]
        name = f"{each.provider}-{port}" if each.provider in names else each.provider
        names.add(name)
        yield replace(each, provider=name)
