"""Templates: how a channel words a message. Known fields in braces, and no more than that."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import NamedTuple

from monitor.domain.messages import Message
from monitor.domain.phrases import MAX_TITLE

#: What a body may be in all; of the words in it none is longer than those of `phrases`.
MAX_WORDS = 2_000
FIELDS = (
    *("title", "body", "link", "acknowledge", "links", "channel", "event", "kind", "severity"),
    *("provider", "endpoints", "number", "calls", "failed", "budget"),
)


class Words(NamedTuple):
    """What a channel says of a message."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Wording:
    """The templates of a channel; `None` where it has its own way."""

    title: str | None = None
    body: str | None = None


#: As a channel does it by itself.
PLAIN = Wording()


def check(template: str) -> None:
    """Raise ValueError("problem; remedy") where a template names what no message has."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError:
        raise ValueError("has a brace that stands alone; write {{ or }} for one") from None
    for _, name, form, conversion in parts:
        if name is not None and (name not in FIELDS or form or conversion):
            raise ValueError(f"{{{name}}} is no field; these are: {', '.join(FIELDS)}")


def word(
    message: Message, channel: str, wording: Wording, body: str, clean: Callable[[str], str]
) -> Words:
    """A message as a channel words it; `body` is its own template.

    `clean` makes what others wrote harmless there: not the template, and not our own links.
    """
    values = _values(message, channel, clean)
    title = values["title"]
    if wording.title is not None:
        title = _cut(" ".join(_fill(wording.title, values).split()), MAX_TITLE) or title
    return Words(title, _cut(_fill(wording.body or body, values).strip(), MAX_WORDS))


def _fill(template: str, values: Mapping[str, str]) -> str:
    parts = Formatter().parse(template)
    return "".join(f"{text}{'' if name is None else values[name]}" for text, name, _, _ in parts)


def _values(message: Message, channel: str, clean: Callable[[str], str]) -> dict[str, str]:
    theirs = {name: clean(text) for name, text in _theirs(message).items()}
    ours = {"link": message.link, "acknowledge": message.acknowledge, "links": message.links}
    return {**theirs, **ours, "channel": channel, "event": message.telling.value}


def _theirs(message: Message) -> dict[str, str]:
    case, fired, noticed = message.case, message.fired, message.noticed
    told = case or noticed
    return {
        "title": message.title,
        "body": message.body,
        "kind": "" if case is None else case.kind.value,
        "severity": "" if told is None else told.severity.value,
        "provider": "" if told is None else told.provider,
        "endpoints": "" if case is None else ", ".join(case.subjects),
        "number": "" if case is None else str(case.number),
        "calls": "" if case is None else str(case.calls),
        "failed": "" if case is None else str(sum(case.failed.values())),
        "budget": "" if fired is None else fired.budget,
    }


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
