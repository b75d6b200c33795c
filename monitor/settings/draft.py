"""Drafts: the text of a first settings file, with comments that teach its reader."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.domain.endpoints import Flavour

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*(?::[A-Za-z0-9._/-]+)*|\$\{[A-Za-z0-9_]+\}")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
_HEAD = """\
# What inferwatch watches, and how. All keys, with comments: inferwatch.example.yaml.
# For completion in your editor: inferwatch settings schema > inferwatch.schema.json
# Keys stay in the environment: ${NAME} stands for the variable of that name.
"""
_BUDGETS = "budgets:  # what the calls of a team may cost; told at 50, 80 and 100 %, once a period"
_APPS = "apps:  # titles of apps, and which identities are one"


@dataclass(frozen=True, slots=True)
class DraftModel:
    """One model. `price` is YAML of its own (`0` or a mapping); `remark` ends the line."""

    name: str
    model: str | None = None
    id: str | None = None
    interval_s: float = 300.0
    output_tokens: int | None = None
    price: str | None = None
    remark: str = ""
    is_watched: bool = True


@dataclass(frozen=True, slots=True)
class DraftProvider:
    """One provider. `key` is a `${NAME}` reference; `None`: it asks for none.

    Its flavour is written where it is not OpenAI Chat.
    """

    name: str
    base_url: str
    models: tuple[DraftModel, ...]
    flavour: Flavour = Flavour.OPENAI_CHAT
    key: str | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class DraftEntry:
    """A budget, or an app. `settings` is YAML of its own, a mapping on one line."""

    name: str
    settings: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole file. `remarks` are written as comments at its end."""

    zone: str
    providers: tuple[DraftProvider, ...]
    is_demo: bool = False
    remarks: tuple[str, ...] = ()
    budgets: tuple[DraftEntry, ...] = ()
    apps: tuple[DraftEntry, ...] = ()


def render(draft: Draft) -> str:
    """The file's text."""
    lines = [
        _HEAD,
        f"zone: {_quote(draft.zone)}  # days are counted in it",
        "probe_budget_usd_per_day: 1  # intervals are stretched to keep within it",
        *(["demo: true  # watches the built-in simulator"] if draft.is_demo else []),
        "",
        *_entries(_BUDGETS, draft.budgets),
        *_entries(_APPS, draft.apps),
        "providers:",
        *(line for provider in draft.providers for line in _provider(provider)),
        *(f"# {remark}" for remark in draft.remarks),
    ]
    return "\n".join(lines) + "\n"


def _entries(head: str, entries: tuple[DraftEntry, ...]) -> Iterator[str]:
    if not entries:
        return
    yield head
    for entry in entries:
        yield f"  {_quote(entry.name)}: {entry.settings}{_comment(entry.remark)}"
    yield ""


def _provider(provider: DraftProvider) -> Iterator[str]:
    yield f"  {_quote(provider.name)}:" + _comment(provider.remark)
    if provider.flavour is not Flavour.OPENAI_CHAT:
        yield f"    flavour: {provider.flavour}"
    yield f"    base_url: {_quote(provider.base_url)}"
    if provider.key is not None:
        yield f"    key: {_quote(provider.key)}"
    has_any = any(model.is_watched for model in provider.models)
    yield "    models:" if has_any else "    models: []"
    for model in provider.models:
        mark = "" if model.is_watched else "# "
        yield f"      {mark}- {{{', '.join(_fields(model))}}}{_comment(model.remark)}"
    yield ""


def _fields(model: DraftModel) -> Iterator[str]:
    yield f"name: {_quote(model.name)}"
    if model.model is not None:
        yield f"model: {_quote(model.model)}"
    if model.id is not None:
        yield f"id: {_quote(model.id)}"
    yield f"interval: {_spell_interval(model.interval_s)}"
    if model.output_tokens is not None:
        yield f"output_tokens: {model.output_tokens}"
    if model.price is not None:
        yield f"price: {model.price}"


def _spell_interval(interval_s: float) -> str:
    seconds = round(interval_s)
    units = ((3600, "h"), (60, "m"), (1, "s"))
    size, unit = next((size, unit) for size, unit in units if seconds % size == 0)
    return f"{seconds // size}{unit}"


def _comment(remark: str) -> str:
    return f"  # {remark}" if remark else ""


def _quote(text: str) -> str:
    """A scalar that YAML reads back as this text, plain where that is safe."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return f'"{text}"' if text.startswith("$") else text
    return json.dumps(text, ensure_ascii=False)
