"""Attempts: one call of the simulated history, as whoever made it would have seen it."""

from math import exp
from random import Random
from typing import NamedTuple

from monitor.simulator import faults
from monitor.simulator.catalogue import PROVIDERS, Model
from monitor.simulator.chance import pick_normal
from monitor.simulator.events import HEADERS_SHARE
from monitor.simulator.faults import Fault, FaultKind
from monitor.simulator.pace import plan

TIMEOUT_S = 60.0
_CONNECT_S = 0.018
_TLS_S = 0.026


class Verdict(NamedTuple):
    """What a caller makes of a failure: outcome class, HTTP status, provider's code."""

    outcome: str
    http_status: int | None = 200
    code: str | None = None


OK = Verdict("ok")
VERDICTS = {
    FaultKind.OVERLOADED: Verdict("overloaded", 503, "server_is_overloaded"),
    FaultKind.SERVER_ERROR: Verdict("server_error", 500),
    FaultKind.GATEWAY: Verdict("server_error", 502),
    FaultKind.RATE_LIMITED: Verdict("rate_limited", 429, "rate_limit_exceeded"),
    FaultKind.NO_CREDIT: Verdict("quota_exhausted", 429, "insufficient_quota"),
    FaultKind.BAD_KEY: Verdict("auth", 401, "invalid_api_key"),
    FaultKind.FORBIDDEN: Verdict("permission", 403),
    FaultKind.CUT: Verdict("stream_cut"),
    FaultKind.HTML: Verdict("malformed"),
    FaultKind.GARBAGE: Verdict("malformed"),
    FaultKind.ENDLESS: Verdict("malformed"),
    FaultKind.ERROR_200: Verdict("server_error"),
    FaultKind.OVERLOADED_200: Verdict("overloaded"),
    FaultKind.FILTERED: Verdict("content_filter"),
    FaultKind.NO_USAGE: OK,
    FaultKind.EMPTY: Verdict("empty_response"),
    FaultKind.WRONG_ANSWER: Verdict("wrong_answer"),
    FaultKind.SLOW: OK,
    FaultKind.HANG: Verdict("timeout_first_token", None),
}


class Who(NamedTuple):
    """On whose behalf: a probe (`infer`, `reach`) has no team, and none tells a user or tags."""

    kind: str
    team: str | None = None
    project: str | None = None
    app: str | None = None
    key: str | None = None
    user: str | None = None
    tags: tuple[tuple[str, str], ...] = ()


class Ask(NamedTuple):
    """Tokens of a call if it succeeds, cache inside the prompt, reasoning inside the completion.

    `has_usage`: whether the caller learns of them. `mistake`: the caller's own, which the API
    refuses. `is_reused`: the connection was open already. `gap_s`: as in `Record`.
    """

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    has_usage: bool = True
    mistake: Verdict | None = None
    is_reused: bool = False
    gap_s: float | None = None


class Record(NamedTuple):
    """One call. Instants in UTC ms; durations in s; tokens as the wire counts; `None`: not known.

    `model` is the wire name (`None` for a reachability check of the provider). `connect_s` and
    `tls_s` are spans, `None` on a reused connection; the other times count from the start.
    `gap_s`: the time then planned to the endpoint's next probe.
    """

    started_ms: int
    ended_ms: int
    provider: str
    model: str | None
    who: Who
    outcome: str
    http_status: int | None
    provider_code: str | None
    request_id: str | None
    connect_s: float | None
    tls_s: float | None
    first_byte_s: float | None
    ttft_s: float | None
    total_s: float
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    finish_reason: str | None = None
    gap_s: float | None = None


def attempt(model: Model, started_ms: int, ask: Ask, who: Who, rng: Random) -> Record:
    """What became of that call, by the script of faults and the model's pace."""
    fault = faults.at(model.provider, model.name, started_ms)
    verdict = ask.mistake or (VERDICTS[fault.kind] if fault else OK)
    if verdict is OK or verdict.outcome == "stream_cut":
        return _answer(model, started_ms, (ask, fault, verdict), who, rng)
    record = refuse((model.provider, model.name), started_ms, verdict, who, rng)
    return record if ask.gap_s is None else record._replace(gap_s=ask.gap_s)


def refuse(
    address: tuple[str, str | None], started_ms: int, verdict: Verdict, who: Who, rng: Random
) -> Record:
    """A call to a (provider, model) that got no token: an error, a foreign page, or silence."""
    connect_s, tls_s = _connect(rng)
    is_silent = verdict.http_status is None
    total_s = TIMEOUT_S if is_silent else connect_s + tls_s + rng.uniform(0.02, 0.12)
    return Record(
        started_ms=started_ms,
        ended_ms=started_ms + round(total_s * 1000),
        provider=address[0],
        model=address[1],
        who=who,
        outcome=verdict.outcome,
        http_status=verdict.http_status,
        provider_code=_name_code(address[0], verdict),
        request_id=None if is_silent else _make_request_id(rng),
        connect_s=connect_s,
        tls_s=tls_s,
        first_byte_s=None if is_silent else total_s,
        ttft_s=None,
        total_s=total_s,
    )


def _answer(
    model: Model,
    started_ms: int,
    what: tuple[Ask, Fault | None, Verdict],
    who: Who,
    rng: Random,
) -> Record:
    ask, fault, verdict = what
    connect_s, tls_s = (None, None) if ask.is_reused else _connect(rng)
    opened_s = (connect_s or 0.0) + (tls_s or 0.0)
    rhythm = plan(
        model, started_ms, (pick_normal(rng), pick_normal(rng)), fault.slowdown if fault else 1.0
    )
    share = 1.0 if verdict is OK else 0.5
    total_s = opened_s + rhythm.ttft_s + share * ask.completion_tokens / rhythm.tokens_per_s
    is_told = verdict is OK and ask.has_usage and not _hides_usage(fault)
    return Record(  # by position, which is three times as fast
        started_ms,
        started_ms + round(total_s * 1000),
        model.provider,
        model.name,
        who,
        verdict.outcome,
        verdict.http_status,
        None,
        _make_request_id(rng),
        connect_s,
        tls_s,
        opened_s + rhythm.ttft_s * HEADERS_SHARE,
        opened_s + rhythm.ttft_s,
        total_s,
        ask.prompt_tokens if is_told else None,
        ask.cached_tokens if is_told and model.has_cache else None,
        ask.completion_tokens if is_told else None,
        ask.reasoning_tokens if is_told and model.is_reasoning else None,
        "stop" if verdict is OK else None,
        ask.gap_s,
    )


def _name_code(provider: str, verdict: Verdict) -> str | None:
    if verdict.http_status == OK.http_status or verdict.http_status is None:
        return None
    return str(verdict.http_status) if PROVIDERS[provider].numbers_codes else verdict.code


def _make_request_id(rng: Random) -> str:
    return f"req_{rng.getrandbits(64):016x}"


def _connect(rng: Random) -> tuple[float, float]:
    distance = exp(0.2 * pick_normal(rng))
    return _CONNECT_S * distance, _TLS_S * distance


def _hides_usage(fault: Fault | None) -> bool:
    return fault is not None and fault.kind is FaultKind.NO_USAGE
