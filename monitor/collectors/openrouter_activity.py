"""OpenRouter's activity: credits (dollars) by day, model and provider, with a management key."""

from collections.abc import Mapping
from typing import Any

from monitor.collectors.billing import (
    Asking,
    Collector,
    Page,
    count,
    day_of_text,
    entries,
    nano,
    part,
    text,
)
from monitor.domain.bills import BillLine, Span


def ask(key: str, _span: Span, _page: str | None) -> Asking:
    """`GET /api/v1/activity`: always the last 30 complete days, on one page."""
    return Asking("/api/v1/activity", (), {"authorization": f"Bearer {key}"})


def read(document: object) -> Page:
    """All of it. Raises BadBill."""
    return Page(tuple(_line(each) for each in entries(document, "data")))


def _line(each: Mapping[str, Any]) -> BillLine:
    model, served = text(part(each, "model", str)), text(each.get("provider_name"))
    read, written = count(each.get("prompt_tokens")), count(each.get("completion_tokens"))
    return BillLine(
        day_of_text(part(each, "date", str)),
        f"{model} at {served}" if served else model,
        nano(each.get("usage")),
        model,
        count(each.get("requests")),
        None if read is None or written is None else read + written,
    )


COLLECTOR = Collector(ask, read)
