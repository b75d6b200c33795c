"""Bills of a settings file: whose interfaces are asked what days cost, and with which keys."""

from collections.abc import Callable, Collection, Iterator
from typing import Annotated

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema

from monitor.domain.bills import URLS, Biller, Billers, BillKind
from monitor.domain.secrets import Secret
from monitor.settings.base import TEXT_SCHEMA, Duration, Name, Shape, Text
from monitor.settings.problems import KeyPath
from monitor.settings.values import read_base_url, read_key

_EVERY_S = (900.0, 7 * 86_400.0)


class BillShape(Shape):
    """One source of bills: a provider's own word on what its days cost."""

    kind: BillKind = Field(
        description="Whose interface it is: openai_org, anthropic_org or openrouter."
    )
    key: Annotated[Secret, PlainValidator(read_key), WithJsonSchema(TEXT_SCHEMA)] = Field(
        description="An admin or management key, best as a reference: ${OPENAI_ADMIN_KEY}."
    )
    provider: Name = Field(description="Beside whose calls it stands: a name under providers.")
    name: Name | None = Field(None, description="What it is called on screens; else its kind.")
    url: Annotated[Text, AfterValidator(read_base_url)] | None = Field(
        None, description="Where the interface begins, without a path, where a proxy is asked."
    )


class BillsShape(Shape):
    """What providers say that their days cost, beside our own sums; without it, none is asked."""

    every: Duration = Field(3_600.0, description="How often they are asked, such as 1h.")
    sources: tuple[BillShape, ...] = Field((), description="Whose bills.")


def build_billers(
    shape: BillsShape, providers: Collection[str], blame: Callable[[KeyPath, str], None]
) -> Billers:
    """The sources of a shape; what is wrong with it is blamed, place by place."""
    for within, text in _find_faults(shape, providers):
        blame(("bills", *within), text)
    return Billers(tuple(map(_biller, shape.sources)), shape.every)


def _find_faults(shape: BillsShape, providers: Collection[str]) -> Iterator[tuple[KeyPath, str]]:
    least_s, most_s = _EVERY_S
    if not least_s <= shape.every <= most_s:
        yield ("every",), f"{shape.every:g} s is outside of 15 minutes to 7 days; change it"
    names: set[str] = set()
    for number, each in enumerate(shape.sources):
        path: KeyPath = ("sources", number)
        name = each.name or each.kind.value
        if name in names:
            yield (*path, "name"), f"source {name!r} is listed twice; give each a name of its own"
        names.add(name)
        if each.provider not in providers:
            listed = ", ".join(providers) or "none"
            yield (
                (*path, "provider"),
                f"{each.provider!r} is none of the providers here ({listed}); name one of them",
            )


def _biller(each: BillShape) -> Biller:
    name = each.name or each.kind.value
    return Biller(name, each.kind, each.provider, each.key, each.url or URLS[each.kind])
