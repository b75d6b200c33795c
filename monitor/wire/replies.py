"""Replies: what a flavour makes of one exchange. All text in them is redacted, here and once."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from monitor.domain.calls import Detail, Phase, Timings
from monitor.domain.outcomes import Result
from monitor.domain.secrets import Secret, redact
from monitor.domain.tiers import ServiceTier
from monitor.domain.usage import Usage
from monitor.wire.errors import Fault
from monitor.wire.transport import Exchange

_NAME_LENGTH = 128
_EXCERPT_LENGTH = 300
_MAX_REPORTED_ENTRIES = 64
_MAX_DEPTH = 4
_REQUEST_IDS = ("x-request-id", "request-id", "x-generation-id", "cf-ray")


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `usage` is `None` where it is not known, `text` what a reader would see.

    `arguments` is what was said to tools, as text.
    """

    outcome: Result
    http_status: int | None
    phase: Phase
    timings: Timings
    detail: Detail
    text: str = ""
    arguments: str = ""
    usage: Usage | None = None
    cost_nano_usd: int | None = None
    service_tier: ServiceTier | None = None
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Redactor:
    """Cleans what a server said of one key, and of all that looks like a key."""

    key: Secret | None

    def text(self, raw: str | None, limit: int = _NAME_LENGTH) -> str | None:
        """At most `limit` printable characters; `None` of nothing."""
        if raw is None:
            return None
        clean = redact(raw, () if self.key is None else (self.key,), limit)
        return "".join(c if c.isprintable() else " " for c in clean).strip() or None

    def reported(self, raw: Any, depth: int = _MAX_DEPTH) -> Any:  # noqa: ANN401
        """A reported object within bounds, fit for JSON: its decimal numbers become texts."""
        match raw:
            case dict() if depth:
                entries = list(raw.items())[:_MAX_REPORTED_ENTRIES]
                return {self.text(k) or "": self.reported(v, depth - 1) for k, v in entries}
            case list() if depth:
                return [self.reported(v, depth - 1) for v in raw[:_MAX_REPORTED_ENTRIES]]
            case None | bool():
                return raw
            case int() if abs(raw) < 2**63:
                return raw
            case str() | Decimal() | int():
                return self.text(raw if isinstance(raw, str) else f"{Decimal(raw):.30g}")
            case _:
                return None


def detail_of(
    exchange: Exchange, fault: Fault | None, redactor: Redactor, reported: Mapping[str, Any] | None
) -> Detail:
    """What the headers, the fault and the usage tell; a flavour adds what its answer told."""
    request_id = next((exchange.headers[h] for h in _REQUEST_IDS if h in exchange.headers), None)
    return Detail(
        request_id=redactor.text(request_id),
        provider_code=redactor.text(fault.provider_code) if fault else None,
        excerpt=redactor.text(fault.excerpt, _EXCERPT_LENGTH) if fault else None,
        usage_reported=None if reported is None else redactor.reported(reported),
        retry_after_s=fault.retry_after_s if fault else None,
        is_reused=exchange.is_reused,
    )
