"""Judging: what an exchange and its answer amount to, whatever the flavour."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from monitor.domain.calls import Phase
from monitor.domain.endpoints import Target
from monitor.domain.outcomes import LocalFailure, Outcome
from monitor.domain.tiers import read_service_tier
from monitor.domain.usage import ContradictoryUsage, Usage
from monitor.wire.answers import Answer
from monitor.wire.bodies import BodyError
from monitor.wire.complaints import begin_of, complaint_of
from monitor.wire.connect import host_of
from monitor.wire.errors import OK_STATUSES, Fault, classify_answer, classify_status
from monitor.wire.lists import read_list
from monitor.wire.readers import AnswerReader
from monitor.wire.replies import Redactor, Reply, detail_of
from monitor.wire.transport import Exchange

_NEVER_CHARGED = (404, 405)
_MAX_MODELS = 1000

#: The ids in a parsed list of models; `None` where it is no list.
ReadIds = Callable[[object], Iterable[object] | None]


def read_answer(exchange: Exchange, reader: AnswerReader, answer: Answer, target: Target) -> Reply:
    """The reply that an exchange and what was read of it amount to."""
    redactor = Redactor(target.key)
    fault = _judge(exchange, reader, answer, host_of(target.base_url).name)
    leaves, note = _leaves(answer) if _is_over(reader, answer) else (None, None)
    if note is not None and fault.excerpt is None:
        fault = replace(fault, excerpt=note)
    detail = detail_of(exchange, fault, redactor, answer.usage)
    detail = replace(
        detail,
        request_id=detail.request_id or redactor.text(answer.id),
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
        arguments=answer.arguments,
        usage=leaves,
        cost_nano_usd=answer.cost_nano_usd(),
        service_tier=read_service_tier(answer.echoed_tier()),
    )


def read_models(exchange: Exchange, body: bytearray, target: Target, read_ids: ReadIds) -> Reply:
    """The reply to a question for models. A missing list is a caller's trouble, never charged."""
    fault, models = _judge_list(exchange, body, host_of(target.base_url).name, read_ids)
    return Reply(
        outcome=fault.outcome,
        http_status=exchange.status,
        phase=exchange.phase,
        timings=exchange.timings,
        detail=detail_of(exchange, fault, Redactor(target.key), None),
        usage=Usage(),  # it consumes nothing, whatever comes of it
        models=models,
    )


def _judge(exchange: Exchange, reader: AnswerReader, answer: Answer, host: str) -> Fault:
    """The most telling of: our own failure, the status, the answer, how the exchange broke."""
    refusal = _judge_refusal(exchange, reader.body, host)
    if refusal is not None:
        return refusal
    if answer.complaint is not None:
        return classify_answer(answer.complaint, exchange.headers, host)
    if reader.problem is not None:
        return _malformed(reader.problem, reader.body)
    is_cut = exchange.fault is None or exchange.fault.outcome is Outcome.STREAM_CUT
    if is_cut and _is_over(reader, answer):
        return _judge_finish(answer)
    return exchange.fault or _judge_end(exchange, reader)


def _is_over(reader: AnswerReader, answer: Answer) -> bool:
    """Whether the answer came to its end. What was counted before that is not yet the usage."""
    return reader.is_ended or answer.is_ended or answer.finish_reason is not None


def _judge_refusal(exchange: Exchange, body: bytearray, host: str) -> Fault | None:
    """The status speaks, even where the body broke off after it; our own failure goes first."""
    if exchange.fault is not None and isinstance(exchange.fault.outcome, LocalFailure):
        return exchange.fault
    if exchange.status is None or exchange.status in OK_STATUSES:
        return None
    return classify_status(exchange.status, exchange.headers, body, host)


def _judge_finish(answer: Answer) -> Fault:
    reason = answer.finish_reason
    outcome = Outcome.OK if reason is None else answer.finishes.get(reason, Outcome.UNKNOWN)
    if answer.has_refusal:
        outcome = Outcome.CONTENT_FILTER
    if outcome is Outcome.UNKNOWN:
        return Fault(outcome, excerpt=f"finish reason {reason!r} is not one that we know")
    if outcome is not Outcome.OK or answer.has_content or answer.has_tool_call:
        return Fault(outcome, excerpt=answer.remark)
    return _judge_silence(answer)


def _judge_silence(answer: Answer) -> Fault:
    """Finished without a word: the limit hit while thinking is ours to raise, not an outage."""
    is_limit = answer.finish_reason in answer.limits
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


def _judge_list(
    exchange: Exchange, body: bytearray, host: str, read_ids: ReadIds
) -> tuple[Fault, tuple[str, ...]]:
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
    ids = read_ids(document)
    if ids is None:
        return Fault(Outcome.MALFORMED, excerpt="JSON without a list of models"), ()
    return Fault(Outcome.OK), tuple(id_ for id_ in ids if isinstance(id_, str))[:_MAX_MODELS]


def _malformed(problem: str, body: bytearray) -> Fault:
    begin = begin_of(body)
    return Fault(Outcome.MALFORMED, excerpt=f"{problem}: {begin}" if begin else problem)


def _leaves(answer: Answer) -> tuple[Usage | None, str | None]:
    """The usage, or why what was reported cannot be it."""
    try:
        return answer.leaves(), None
    except ContradictoryUsage as error:
        return None, f"usage not counted: {error}"
