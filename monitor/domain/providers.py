"""Providers: what is known of those who serve models, before anything is asked of them."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from monitor.domain.dialects import PLAIN, Dialect
from monitor.domain.endpoints import Flavour

_VERSION = re.compile(r"/v\d+[a-z0-9]*$")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A model worth watching. `model` is its canonical author/slug where the API says less.

    `id` is what the endpoint is called where the API's name is too long for a screen.
    """

    name: str
    model: str
    interval_s: float = 300.0
    id: str | None = None


@dataclass(frozen=True, slots=True)
class LocalServer:
    """How a server shows itself on this machine, on its usual ports.

    `proof` is a key that its liveness answer has and no other server's; `owner` is how it signs
    its list of models, where that answer proves nothing. The list is an object with `models_key`,
    whose items are named by `name_key`.
    """

    ports: tuple[int, ...]
    liveness_path: str
    proof: str | None = None
    owner: str | None = None
    list_path: str = "/v1/models"
    models_key: str = "data"
    name_key: str = "id"


@dataclass(frozen=True, slots=True)
class Provider:
    """Who serves models, where, and in which words.

    `base_url` is where its API begins. Where each customer has an address of his own, that is
    `None`; then a `base_url_variable` names the address, and the API begins at `path` below it.
    `hosts` are further hosts (`name` or `name:port`) that are the same; one that begins with a
    dot stands for all below it.

    The first variable that is set gives the key, the base URL, or the one model to watch. Of
    `models` the first is watched from the first start on, the others are suggested; none is
    watched where models are what customers name them (`has_own_names`). `price_id` is how the
    catalogue of prices calls the provider, where it does not know the host.
    """

    name: str
    title: str
    base_url: str | None
    models: tuple[Suggestion, ...] = ()
    flavour: Flavour = Flavour.OPENAI_CHAT
    path: str = ""
    hosts: tuple[str, ...] = ()
    key_variables: tuple[str, ...] = ()
    base_url_variables: tuple[str, ...] = ()
    model_variables: tuple[str, ...] = ()
    has_own_names: bool = False
    dialect: Dialect = PLAIN
    price_id: str | None = None
    local: LocalServer | None = None

    def is_at(self, base_url: str) -> bool:
        """Whether a base URL is on one of its hosts."""
        place = _place(base_url)
        own = () if self.base_url is None else (_place(self.base_url),)
        return any(
            place == host or (host.startswith(".") and place.endswith(host))
            for host in (*own, *self.hosts)
        )

    def speaks_at(self, base_url: str) -> bool:
        """Whether its own API begins at a base URL, which may leave out the version at its end."""
        if not self.is_at(base_url):
            return False
        own = self.path if self.base_url is None else urlsplit(self.base_url).path
        return urlsplit(base_url).path.rstrip("/") in {own, _VERSION.sub("", own)}


def _place(base_url: str) -> str:
    """The host of a URL, with its port where that is not the scheme's own; empty for no URL."""
    try:
        parts = urlsplit(base_url)
        name, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return ""
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return name if port in {None, usual} else f"{name}:{port}"
