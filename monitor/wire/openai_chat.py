"""OpenAI Chat Completions, as OpenAI and all who copy it speak it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from monitor.domain.calls import Phase
from monitor.domain.endpoints import Endpoint, Target
from monitor.domain.outcomes import LocalFailure, Outcome
from monitor.domain.usage import ContradictoryUsage, Usage
from monitor.wire.bodies import BodyError
from monitor.wire.complaints import complaint_of
from monitor.wire.connect import host_of
from monitor.wire.errors import OK_STATUSES, Fault, classify_answer, classify_status
from monitor.wire.openai_answer import FINISHES, LIMIT_REACHED, OpenAiAnswer
from monitor.wire.openai_usage import cost_nano_usd, usage
from monitor.wire.readers import AnswerReader, WholeReader, read_list
from monitor.wire.replies import Redactor, Reply, detail_of
from monitor.wire.transport import Exchange, Request, Transport

LIST_TIMEOUT_S = 25.0
_NEVER_CHARGED = (404, 405)
_MAX_MODELS = 1000


@dataclass(frozen=True, slots=True)
class Dialect:
    """In what a host differs. `max_tokens` is the one limit that all but OpenAI know."""

    limit_field: str = "max_tokens"
    is_usage_asked_for: bool = True
    list_query: str = ""


DIALECTS: Mapping[str, Dialect] = {
    "api.openai.com": Dialect(limit_field="max_completion_tokens"),
    # refuses fields that it does not know, and sends usage unasked
    "api.mistral.ai": Dialect(is_usage_asked_for=False),
    # its whole catalogue is about a megabyte
    "openrouter.ai": Dialect(list_query="?limit=1"),
}


def build_request(endpoint: Endpoint, prompt: str, output_tokens: int) -> Request:
    """A streamed completion of a prompt, without any sampling parameter."""
    dialect = _dialect(endpoint.target)
    body: dict[str, Any] = {
        "model": endpoint.model_name,
        "messages": [{"role": "user", "content": prompt}],
        dialect.limit_field: output_tokens,
        "stream": True,
    }
    if dialect.is_usage_asked_for:
        body["stream_options"] = {"include_usage": True}
    return Request(
        method="POST",
        url=f"{endpoint.target.base_url.rstrip('/')}/chat/completions",
        headers=_headers(endpoint.target) | {"content-type": "application/json"},
        timeout_s=endpoint.timeout_s,
        body=json.dumps(body).encode(),
        is_streamed=True,
    )


async def ask(endpoint: Endpoint, transport: Transport, prompt: str, output_tokens: int) -> Reply:
    """The answer to a prompt, timed and classified. Takes no turn in the transport's queue."""
    answer = OpenAiAnswer()
    reader = AnswerReader(answer)
    exchange = await transport.client(endpoint.target).exchange(
        build_request(endpoint, prompt, output_tokens), reader
    )
    return read_answer(exchange, reader, answer, endpoint.target)


def read_answer(
    exchange: Exchange, reader: AnswerReader, answer: OpenAiAnswer, target: Target
) -> Reply:
    """The reply that an exchange and what was read of it amount to."""
    redactor = Redactor(target.key)
    fault = _judge(exchange, reader, answer, host_of(target.base_url).name)
    leaves, note = _leaves(answer)
    if note is not None and fault.excerpt is None:
        fault = replace(fault, excerpt=note)
    detail = replace(
        detail_of(exchange, fault, redactor, answer.usage),
        finish_reason=redactor.text(answer.finish_reason),
        served_model=redactor.text(answer.model),
    )
    is_ok = fault.outcome is Outcome.OK
    return Reply(
        outcome=fault.outcome,
        http_status=exchange.status,
        phase=Phase.DONE if is_ok else exchange.phase,
        timings=exchange.timings,
        detail=detail,
        text=answer.text,
        usage=leaves,
        cost_nano_usd=None if answer.usage is None else cost_nano_usd(answer.usage),
    )


async def list_models(target: Target, transport: Transport) -> Reply:
    """The ids of the models served there. A missing list is a caller's trouble, never charged."""
    reader = WholeReader()
    request = Request(
        method="GET",
        url=f"{target.base_url.rstrip('/')}/models{_dialect(target).list_query}",
        headers=_headers(target),
        timeout_s=LIST_TIMEOUT_S,
    )
    exchange = await transport.client(target).exchange(request, reader)
    fault, models = _judge_list(exchange, reader.body, host_of(target.base_url).name)
    return Reply(
        outcome=fault.outcome,
        http_status=exchange.status,
        phase=exchange.phase,
        timings=exchange.timings,
        detail=detail_of(exchange, fault, Redactor(target.key), None),
        usage=Usage(),  # it consumes nothing, whatever comes of it
        models=models,
    )


def _judge(exchange: Exchange, reader: AnswerReader, answer: OpenAiAnswer, host: str) -> Fault:
    """The most telling of: our own failure, the status, the answer, how the exchange broke."""
    refusal = _judge_refusal(exchange, reader.body, host)
    if refusal is not None:
        return refusal
    if answer.complaint is not None:
        return classify_answer(answer.complaint, exchange.headers, host)
    if reader.problem is not None:
        return _malformed(reader.problem, reader.body)
    is_cut = exchange.fault is None or exchange.fault.outcome is Outcome.STREAM_CUT
    if is_cut and (reader.is_ended or answer.finish_reason is not None):
        return _judge_finish(answer)
    return exchange.fault or _judge_end(exchange, reader)


def _judge_refusal(exchange: Exchange, body: bytearray, host: str) -> Fault | None:
    """The status speaks, even where the body broke off after it; our own failure goes first."""
    if exchange.fault is not None and isinstance(exchange.fault.outcome, LocalFailure):
        return exchange.fault
    if exchange.status is None or exchange.status in OK_STATUSES:
        return None
    return classify_status(exchange.status, exchange.headers, body, host)


def _judge_finish(answer: OpenAiAnswer) -> Fault:
    reason = answer.finish_reason
    outcome = Outcome.OK if reason is None else FINISHES.get(reason, Outcome.UNKNOWN)
    if answer.has_refusal:
        outcome = Outcome.CONTENT_FILTER
    if outcome is Outcome.UNKNOWN:
        return Fault(outcome, excerpt=f"finish reason {reason!r} is not one that we know")
    if outcome is not Outcome.OK or answer.has_content or answer.has_tool_call:
        return Fault(outcome)
    return _judge_silence(answer)


def _judge_silence(answer: OpenAiAnswer) -> Fault:
    """Finished without a word: the limit hit while thinking is ours to raise, not an outage."""
    is_limit = answer.finish_reason in LIMIT_REACHED
    hint = "the limit was reached while thinking; raise output_tokens" if is_limit else None
    if answer.has_reasoning:
        return Fault(Outcome.OK, excerpt=hint)
    leaves, _ = _leaves(answer)
    if is_limit and leaves is not None and leaves.output_total:
        return Fault(Outcome.BAD_REQUEST, excerpt=hint)
    return Fault(Outcome.EMPTY_RESPONSE, excerpt="finished without content, reasoning or tool call")


def _judge_end(exchange: Exchange, reader: AnswerReader) -> Fault:
    """The body ended in good order, and the answer did not."""
    is_stream = "event-stream" in exchange.headers.get("content-type", "")
    if reader.has_events or is_stream:
        return Fault(Outcome.STREAM_CUT, excerpt="the stream ended before its end marker")
    return _malformed("neither events nor a completion", reader.body)


def _judge_list(exchange: Exchange, body: bytearray, host: str) -> tuple[Fault, tuple[str, ...]]:
    fault = _judge_refusal(exchange, body, host) or exchange.fault
    if fault is not None:
        is_missing = exchange.status in _NEVER_CHARGED
        return (replace(fault, outcome=Outcome.BAD_REQUEST) if is_missing else fault), ()
    try:
        document = read_list(body)
    except BodyError as error:
        return _malformed(str(error), body), ()
    if isinstance(document, dict) and document.get("error"):
        return classify_answer(complaint_of(document), exchange.headers, host), ()
    return _read_models(document)


def _read_models(document: object) -> tuple[Fault, tuple[str, ...]]:
    if isinstance(document, dict):
        is_empty = document.get("object") == "list" and document.get("data") is None
        document = [] if is_empty else document.get("data")
    if not isinstance(document, list):
        return Fault(Outcome.MALFORMED, excerpt="JSON without a list of models"), ()
    ids = (model.get("id") for model in document if isinstance(model, dict))
    return Fault(Outcome.OK), tuple(id_ for id_ in ids if isinstance(id_, str))[:_MAX_MODELS]


def _malformed(problem: str, body: bytearray) -> Fault:
    start = " ".join(body.decode("utf-8", "replace").split())
    return Fault(Outcome.MALFORMED, excerpt=f"{problem}: {start}" if start else problem)


def _leaves(answer: OpenAiAnswer) -> tuple[Usage | None, str | None]:
    """The usage, or why what was reported cannot be it."""
    try:
        return (None if answer.usage is None else usage(answer.usage)), None
    except ContradictoryUsage as error:
        return None, f"usage not counted: {error}"


def _dialect(target: Target) -> Dialect:
    return DIALECTS.get(host_of(target.base_url).name, Dialect())


def _headers(target: Target) -> dict[str, str]:
    headers = {"accept": "application/json, text/event-stream"}
    if target.key is not None:
        headers["authorization"] = f"Bearer {target.key.reveal()}"
    return headers
