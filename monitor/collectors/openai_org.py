"""OpenAI's organisation costs: dollars by day and line item, asked for with an admin key."""

from collections.abc import Iterator

from monitor.collectors.billing import (
    Asking,
    BadBill,
    Collector,
    Page,
    count,
    day_of_seconds,
    entries,
    following,
    nano,
    part,
    start_ms,
    text,
)
from monitor.domain.bills import BillLine, Span


def ask(key: str, span: Span, page: str | None) -> Asking:
    """`GET /v1/organization/costs`."""
    query = [
        ("start_time", str(start_ms(span.first) // 1000)),
        ("end_time", str(start_ms(span.last + 1) // 1000)),
        ("bucket_width", "1d"),
        ("limit", "60"),
        ("group_by[]", "line_item"),
    ]
    if page is not None:
        query.append(("page", page))
    headers = {"authorization": f"Bearer {key}"}
    return Asking("/v1/organization/costs", tuple(query), headers)


def read(document: object) -> Page:
    """A page of buckets. Raises BadBill."""
    lines = [line for bucket in entries(document, "data") for line in _lines(bucket)]
    return Page(tuple(lines), following(document))


def _lines(bucket: object) -> Iterator[BillLine]:
    day = day_of_seconds(part(bucket, "start_time", int))
    for each in entries(bucket, "results"):
        item = text(each.get("line_item"))
        amount = part(each, "amount", dict)
        value = amount.get("value")
        if value is None:  # nullable: nothing was charged
            continue
        if amount.get("currency") != "usd":
            raise BadBill(f"the currency {text(amount.get('currency'))!r} is not usd")
        unit, quantity = each.get("quantity_unit"), count(each.get("quantity"))
        model, _, kind = item.partition(", ")
        yield BillLine(
            day,
            item,
            nano(value),
            model if kind else None,
            tokens=quantity if unit == "tokens" else None,
        )


COLLECTOR = Collector(ask, read)
