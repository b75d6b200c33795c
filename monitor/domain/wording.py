"""Wording: a call as one line of JSON, for the spool and the quarantine, and back."""

import json
from dataclasses import asdict
from typing import Any

from monitor.domain.calls import Attribution, Call, Detail, Kind, Origin, Phase, Timings
from monitor.domain.capabilities import Capability
from monitor.domain.outcomes import LocalFailure, Outcome, Result
from monitor.domain.prices import CostState
from monitor.domain.tiers import ServiceTier
from monitor.domain.usage import Usage, UsageState


def write(call: Call) -> str:
    """A call as JSON on one line."""
    values = asdict(call)
    values["attribution"] = call.attribution._asdict()
    values["usage"] = call.usage and call.usage._asdict()
    values["dedupe_key"] = None if call.dedupe_key is None else call.dedupe_key.hex()
    return json.dumps(values, default=_spell, separators=(",", ":"))


def _spell(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def read(line: str) -> Call:
    """The call that a line tells of. Raises ValueError, KeyError or TypeError where it does not."""
    values = json.loads(line)
    return Call(
        **values
        | {
            "origin": Origin(values["origin"]),
            "kind": Kind(values["kind"]),
            "outcome": _result(values["outcome"]),
            "phase": Phase(values["phase"]),
            "timings": Timings(**values["timings"]),
            "usage": values["usage"] and Usage(**values["usage"]),
            "usage_state": UsageState(values["usage_state"]),
            "cost_state": values["cost_state"] and CostState(values["cost_state"]),
            "attribution": Attribution(**values["attribution"]),
            "dedupe_key": values["dedupe_key"] and bytes.fromhex(values["dedupe_key"]),
            "service_tier": _service_tier(values.get("service_tier")),
            "detail": values["detail"] and _detail(values["detail"]),
        }
    )


def _service_tier(text: str | None) -> ServiceTier | None:
    return None if text is None else ServiceTier(text)


def _detail(values: dict[str, Any]) -> Detail:
    capability = values.get("capability")
    tags = tuple((name, value) for name, value in values.get("tags", ()))
    user_hash = values.get("user_hash")
    return Detail(
        **values
        | {
            "capability": capability and Capability(capability),
            "tags": tags,
            "user_hash": user_hash and bytes.fromhex(user_hash),
        }
    )


def _result(text: str) -> Result:
    return LocalFailure(text) if text in set(LocalFailure) else Outcome(text)
