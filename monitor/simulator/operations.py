"""Operations: what can be asked of a provider, as data that each flavour fills in.

A flavour says where a question comes from and how an answer is put; the answer itself, its pace
and its faults are the same for all.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from monitor.simulator.catalogue import Model, Provider
from monitor.simulator.chats import Asked, Chat
from monitor.simulator.events import SSE, Document, Event, Framing, Reply
from monitor.simulator.faults import FaultKind
from monitor.simulator.refusals import Refusal, Rejection

Reject = Callable[[Refusal, Provider], Rejection]


def tell(rejection: Rejection, _reply: Reply, _position: int = 0) -> Document | str:
    """The error as the flavour's refusals have it: so do most confess in mid-answer."""
    return rejection.body


def never_stream(_reply: Reply) -> Iterator[Event]:
    """No event: what has no stream."""
    return iter(())


@dataclass(frozen=True, slots=True)
class Operation:
    """One way to ask, at a path below the provider's name.

    `read` finds the chat in a request, `write` gives the whole answer, `stream` its events.
    `confess` and `break_off` are an error of status 200, whole and in a stream, where the latter
    is told how many events came before.
    """

    path: str
    read: Callable[[Asked], Chat]
    write: Callable[[Reply], Document]
    reject: Reject
    stream: Callable[[Reply], Iterator[Event]] = never_stream
    framing: Framing = SSE
    confess: Callable[[Rejection, Reply], Document | str] = tell
    break_off: Callable[[Rejection, Reply, int], Document | str] = tell


@dataclass(frozen=True, slots=True)
class Listing:
    """The list of models: its path, one model in it, and the list around them.

    `enlist` is also told after which name the next page begins, `None` on the last one. A caller
    sets the size of a page, and where it begins, by the two queries, where there are such.
    """

    path: str
    describe: Callable[[Model], Document]
    enlist: Callable[[Sequence[Document], str | None], Document]
    size_query: str = ""
    after_query: str = ""
    is_public: bool = False

    def write(self, models: Sequence[Model], query: Mapping[str, str]) -> Document:
        """The page that is asked for."""
        names = [model.name for model in models]
        after = query.get(self.after_query)
        start = names.index(after) + 1 if after in names else 0
        size = query.get(self.size_query, "")
        end = start + int(size) if size.isdecimal() else len(models)
        following = names[end - 1] if end < len(models) else None
        return self.enlist([self.describe(model) for model in models[start:end]], following)


@dataclass(frozen=True, slots=True)
class Flavour:
    """A wire API, at addresses that begin with `prefix`.

    `read_key` finds the key in a request's headers; `None` where there is none. `unknown_faults`
    are those that the original has no way to tell of, `pages` what else can be
    got with a key, `public_pages` what without one.
    """

    prefix: str
    operations: tuple[Operation, ...]
    listing: Listing
    reject: Reject
    read_key: Callable[[Mapping[str, str]], str | None]
    make_headers: Callable[[], Mapping[str, str]]
    unknown_faults: frozenset[FaultKind] = frozenset()
    pages: Mapping[str, Document] = field(default_factory=dict)
    public_pages: Mapping[str, Document] = field(default_factory=dict)
