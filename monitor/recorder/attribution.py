"""Attribution: on whose behalf a call is made, and under which alias of its key."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar, Token
from dataclasses import dataclass, field, fields
from hashlib import sha256
from typing import Any, Final

from monitor.recorder.guard import harmless


@dataclass(frozen=True, slots=True)
class Labels:
    """Whose call it is. `app` is the app's identity (its URL), `app_title` how it is called."""

    team: str | None = None
    project: str | None = None
    app: str | None = None
    app_title: str | None = None
    user: str | None = None
    key: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    def over(self, other: "Labels") -> "Labels":
        """These, and where they say nothing the other's. Tags of both."""
        said = {it.name: getattr(self, it.name) or getattr(other, it.name) for it in fields(self)}
        return Labels(**said | {"tags": {**other.tags, **self.tags}})


_NOBODY: Final = Labels()
_now: Final[ContextVar[Labels]] = ContextVar("inferwatch_labels", default=_NOBODY)
_TITLES: Final = ("x-openrouter-title", "x-title")
_KEY_HEADERS: Final = ("authorization", "x-api-key", "api-key", "x-goog-api-key")


@contextmanager
def tagged(
    *,
    team: str | None = None,
    project: str | None = None,
    app: str | None = None,
    app_title: str | None = None,
    user: str | None = None,
    **tags: str,
) -> Iterator[None]:
    """Calls that begin in this block, in its thread or task, carry these labels.

    Blocks nest: the inner one wins where both speak. Any other name is a tag.
    """
    before = _enter(team, project, app, app_title, user, None, tags)
    try:
        yield
    finally:
        _leave(before)


@harmless
def _enter(*said: Any) -> Token[Labels]:
    return _now.set(Labels(*said).over(_now.get()))


@harmless
def _leave(before: Token[Labels] | None) -> None:
    if before is not None:
        with suppress(ValueError):  # a generator that is closed in another context than its own
            _now.reset(before)


def labels_of(request: Any, defaults: Labels) -> Labels:  # noqa: ANN401 - httpx's or httpx2's
    """Labels of a call: the block's, then the request's own headers, then the client's."""
    title = next((found for name in _TITLES if (found := request.headers.get(name))), None)
    of_headers = Labels(app=request.headers.get("http-referer"), app_title=title)
    labels = _now.get().over(of_headers).over(defaults)
    return labels if labels.key else Labels(key=alias_of(key_of(request))).over(labels)


def key_of(request: Any) -> str | None:  # noqa: ANN401
    """The provider's key in a request; it is hashed or blotted out, and never kept."""
    for name in _KEY_HEADERS:
        if found := request.headers.get(name):
            return str(found).rpartition(" ")[2]
    found = request.url.params.get("key")
    return str(found) if found else None


def alias_of(key: str | None) -> str | None:
    """A name for a key that tells it from others, and leads nobody back to it."""
    return None if not key else f"key-{sha256(key.encode()).hexdigest()[:8]}"
