"""Anthropic's cost report: decimal texts in cents, by day and description, with an admin key."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from monitor.collectors.billing import (
    Asking,
    BadBill,
    Collector,
    Page,
    day_of_text,
    entries,
    following,
    nano,
    part,
    text,
)
from monitor.domain.bills import BillLine, Span

_CENT = Decimal("0.01")
_VERSION = "2023-06-01"


def ask(key: str, span: Span, page: str | None) -> Asking:
    """`GET /v1/organizations/cost_report`."""
    query = [
        ("starting_at", f"{date.fromordinal(span.first)}T00:00:00Z"),
        ("ending_at", f"{date.fromordinal(span.last + 1)}T00:00:00Z"),
        ("bucket_width", "1d"),
        ("limit", "31"),
        ("group_by[]", "description"),
    ]
    if page is not None:
        query.append(("page", page))
    headers = {"x-api-key": key, "anthropic-version": _VERSION}
    return Asking("/v1/organizations/cost_report", tuple(query), headers)


def read(document: object) -> Page:
    """A page of buckets. Raises BadBill."""
    lines = [line for bucket in entries(document, "data") for line in _lines(bucket)]
    return Page(tuple(lines), following(document))


def _lines(bucket: object) -> Iterator[BillLine]:
    day = day_of_text(part(bucket, "starting_at", str))
    for each in entries(bucket, "results"):
        amount = part(each, "amount", str)
        currency = each.get("currency")
        if currency != "USD":
            raise BadBill(f"the currency {text(currency)!r} is not USD")
        item = text(each.get("description")) or text(each.get("cost_type"))
        yield BillLine(day, item, nano(amount, _CENT), text(each.get("model")) or None)


COLLECTOR = Collector(ask, read)
