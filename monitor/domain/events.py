"""Events: a call as somebody else tells of it: a program, a file, a collector.

An event says less than a call, and names things in words: which endpoint is meant, what came of
it and what it used has to be found out. Instants are UTC milliseconds, durations float seconds;
`None` means not told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.domain.calls import NOBODY, Attribution, Timings
from monitor.domain.endpoints import Flavour
from monitor.domain.outcomes import Result
from monitor.domain.usage import Usage


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a call went to: an endpoint by its id, or a model at a URL or a provider.

    `url` is a base URL, or that of the request; it has neither user nor query.
    """

    endpoint: str | None = None
    provider: str | None = None
    url: str | None = None
    model: str | None = None
    flavour: Flavour | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One call of a team, as told.

    `id` is the sender's own, `response_id` the provider's; without them, `ordinal` is how many
    equal events stand before it in its file, `None` where nobody counted. `error` is the beginning
    of what a provider answered that refused, as it came. `usage` are leaves, counted by the
    provider unless `estimated_by` says with what they were estimated; `usage_reported` is the
    provider's own object. `cost_nano_usd` is the provider's own figure. `attribution.app` is the
    app's identity, `app_title` how it is called; `user` is as told, and never stored so.
    """

    to: Addressee
    started_ms: int
    ended_ms: int
    id: str | None = None
    ordinal: int | None = None
    response_id: str | None = None
    request_id: str | None = None
    http_status: int | None = None
    outcome: Result | None = None
    error: str | None = None
    service_tier: str | None = None
    finish_reason: str | None = None
    served_model: str | None = None
    timings: Timings = field(default_factory=Timings)
    is_reused: bool | None = None
    usage: Usage | None = None
    estimated_by: str | None = None
    usage_reported: Mapping[str, Any] | None = None
    cost_nano_usd: int | None = None
    attribution: Attribution = NOBODY
    app_title: str | None = None
    user: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
