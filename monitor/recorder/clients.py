"""Clients: the one method of an HTTP client that everything passes, and who holds such clients."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Final, TypeVar

from monitor.recorder.attribution import Labels
from monitor.recorder.courier import is_wanted
from monitor.recorder.guard import harmless, tell
from monitor.recorder.streams import answer, fail
from monitor.recorder.watch import begin

Client = TypeVar("Client")

#: Where the clients that people build hold their HTTP clients.
_HOLDERS: Final = (
    "_client",  # openai, anthropic, ollama
    "_api_client._httpx_client",  # google-genai
    "_api_client._async_httpx_client",
    "_client_wrapper.httpx_client.httpx_client",  # cohere
)
_LIBRARIES: Final = frozenset({"httpx", "httpx2"})


def record(
    client: Client,
    *,
    team: str | None = None,
    project: str | None = None,
    app: str | None = None,
    app_title: str | None = None,
    user: str | None = None,
    key: str | None = None,
    **tags: str,
) -> Client:
    """The same client, whose calls to models are told to the monitor from now on.

    It is an `httpx` or `httpx2` client, or one of `openai`, `anthropic`, `google-genai`, `ollama`
    or `cohere`, sync or async. Anything else, and everything where `INFERWATCH_TOKEN` is not set,
    is given back as it is. `key` names the provider's key; otherwise it goes by a hash. Other
    names are tags. A client that is recorded twice has the later labels. Raises nothing.
    """
    _record(client, team, project, app, app_title, user, key, tags)
    return client


@harmless
def _record(client: object, *said: Any) -> None:
    if not is_wanted():
        return
    labels = Labels(*said)
    found = list(_find(client))
    if not found:
        tell(f"not recorded: {type(client).__name__} holds no httpx client that can be recorded")
    for http, is_async in found:
        original = getattr(http.send, "inferwatch_original", http.send)
        send = (_send_async if is_async else _send)(original, labels)
        send.inferwatch_original = original
        http.send = send


def _find(client: Any) -> Iterator[tuple[Any, bool]]:  # noqa: ANN401
    """The HTTP clients in a client, each with whether it is async."""
    for held in (client, *(_follow(client, path) for path in _HOLDERS)):
        for kind in type(held).__mro__:
            if kind.__module__.partition(".")[0] in _LIBRARIES and kind.__name__ in _KINDS:
                yield held, _KINDS[kind.__name__]


_KINDS: Final = {"Client": False, "AsyncClient": True}


def _follow(start: Any, path: str) -> Any:  # noqa: ANN401
    for name in path.split("."):
        start = getattr(start, name, None)
    return start


def _send(original: Callable[..., Any], labels: Labels) -> Any:  # noqa: ANN401
    @wraps(original)
    def send(request: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        watch = begin(request, labels)
        try:
            response = original(request, *args, **kwargs)
        except BaseException as error:
            fail(watch, error)
            raise
        answer(watch, response, is_async=False)
        return response

    return send


def _send_async(original: Callable[..., Any], labels: Labels) -> Any:  # noqa: ANN401
    @wraps(original)
    async def send(request: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        watch = begin(request, labels)
        try:
            response = await original(request, *args, **kwargs)
        except BaseException as error:
            fail(watch, error)
            raise
        answer(watch, response, is_async=True)
        return response

    return send
