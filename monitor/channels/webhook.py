"""Webhook: a message as signed JSON to a URL; docs/alerts.md says how to verify it.

The signature is HMAC-SHA256 over the timestamp, a point and the body, so that a stolen request is
of no use once its timestamp is old.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from monitor.channels.posting import Posting
from monitor.domain.channels import Hook
from monitor.domain.deliveries import Refused
from monitor.domain.messages import Case, Fired
from monitor.wire.complaints import Complaint
from monitor.wire.hints import find_wait_s
from monitor.wire.readers import StatusReader
from monitor.wire.transport import Client, Request

TIMEOUT_S = 15.0
#: Of what a client did wrong, these pass by themselves; all others need somebody to mend them.
_PASSING = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,
        HTTPStatus.LOCKED,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)


class WebhookLine:
    """A line to a webhook."""

    def __init__(self, hook: Hook, client: Client) -> None:
        self._hook, self._client = hook, client

    async def send(self, posting: Posting) -> Refused | None:
        """POST it; any 2xx takes it."""
        body = json.dumps(describe(posting), ensure_ascii=False, separators=(",", ":")).encode()
        headers = _headers(self._hook, posting, body)
        request = Request("POST", self._hook.url.reveal(), headers, TIMEOUT_S, body)
        exchange = await self._client.exchange(request, StatusReader())
        if exchange.status is None:
            cause = "no answer" if exchange.fault is None else exchange.fault.outcome.value
            return Refused(f"not reached: {cause.replace('_', ' ')}")
        return _judge(exchange.status, exchange.headers)

    async def aclose(self) -> None:
        """Close its connections."""
        await self._client.aclose()


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a body sent at a time, in hexadecimal."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()


def describe(posting: Posting) -> dict[str, Any]:
    """A posting as JSON. Instants are UTC milliseconds; null is not known."""
    message = posting.message
    return {
        "event": f"alert.{message.telling}",
        "key": posting.key,
        "title": posting.words.title,
        "body": posting.words.body,
        "link": message.link or None,
        "acknowledge": message.acknowledge or None,
        "alert": None if message.case is None else _describe_case(message.case),
        "budget": None if message.fired is None else _describe_fired(message.fired),
        "notice": None if message.noticed is None else asdict(message.noticed),
        "digest": None if message.digest is None else asdict(message.digest),
    }


def _describe_case(case: Case) -> dict[str, Any]:
    return {
        "number": case.number,
        "kind": case.kind,
        "severity": case.severity,
        "provider": case.provider or None,
        "endpoints": case.subjects,
        "still_failing": case.still,
        "outcome": case.outcome,
        "rule": case.rule,
        "facts": dict(case.facts),
        "started_ms": case.started_ms,
        "ended_ms": case.ended_ms,
        "calls": case.calls,
        "failed": {result.value: count for result, count in case.failed.items()},
        "witness": case.witness,
        "was_told_before": case.told_before,
        "acknowledged_by": case.at_it,
    }


def _describe_fired(fired: Fired) -> dict[str, Any]:
    return asdict(fired) | {"zone": fired.zone.key}


def _headers(hook: Hook, posting: Posting, body: bytes) -> dict[str, str]:
    timestamp = str(posting.sent_ms // 1000)
    return {
        "content-type": "application/json",
        "idempotency-key": posting.key,
        "inferwatch-timestamp": timestamp,
        "inferwatch-signature": f"v1={sign(hook.secret.reveal(), timestamp, body)}",
    }


def _judge(status: int, headers: Mapping[str, str]) -> Refused | None:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    wait_s = find_wait_s(headers, Complaint(), is_limit=False)
    is_ours = status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _PASSING
    return Refused(f"answered HTTP {status}", is_ours, wait_s)
