"""OpenRouter's activity: credits (dollars) by day, model and provider, with a management key."""

from monitor.collectors.billing import (
    Asking,
    Collector,
    Page,
    count,
    day_of_text,
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
    return Page(tuple(_line(each) for each in part(document, "data", list)))


def _line(each: object) -> BillLine:
    model = text(part(each, "model", str))
    served = text(each.get("provider_name")) if isinstance(each, dict) else ""
    counts = [count(each.get(key)) for key in ("prompt_tokens", "completion_tokens")]  # type: ignore[attr-defined]
    return BillLine(
        day_of_text(part(each, "date", str)),
        f"{model} at {served}" if served else model,
        nano(each.get("usage")),  # type: ignore[attr-defined]
        model,
        count(each.get("requests")),  # type: ignore[attr-defined]
        None if None in counts else sum(each or 0 for each in counts),
    )


COLLECTOR = Collector(ask, read)
