"""Guesses: what a column is, by its name, where that is evident.

What is not evident is not guessed: a `latency` may be seconds or milliseconds, and a `cached` count
inside of another or beside it. Every guess is shown before anything is written.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from monitor.imports import targets
from monitor.imports.maps import ColumnMap

_WORDS = re.compile(r"[^a-z0-9]+")
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_EVIDENT = {
    "started": (
        "started",
        "started_at",
        "start",
        "start_time",
        "created",
        "created_at",
        "creation_time",
        "timestamp",
        "time",
        "datetime",
        "date_time",
        "request_time",
        "requested_at",
        "request_timestamp",
        "utc_time",
    ),
    "started_ms": ("started_ms", "start_ms", "timestamp_ms", "created_ms"),
    "ended": ("ended", "ended_at", "end", "end_time", "finished_at", "completed_at"),
    "ended_ms": ("ended_ms", "end_ms"),
    "total_s": ("total_s", "duration_s", "latency_s", "latency_seconds", "duration_seconds"),
    "total_ms": (
        "total_ms",
        "duration_ms",
        "latency_ms",
        "response_time_ms",
        "elapsed_ms",
        "latency_milliseconds",
    ),
    "ttft_s": ("ttft_s", "time_to_first_token_s", "time_to_first_token_seconds"),
    "ttft_ms": ("ttft_ms", "time_to_first_token_ms", "first_token_ms"),
    "id": ("id", "event_id", "call_id", "log_id", "row_id", "uuid"),
    "response_id": ("response_id", "completion_id", "chat_completion_id", "generation_id"),
    "request_id": ("request_id", "provider_request_id", "x_request_id"),
    "endpoint": ("endpoint_id",),
    "provider": ("provider", "provider_name", "vendor", "custom_llm_provider"),
    "url": ("url", "base_url", "api_base", "endpoint_url"),
    "model": ("model", "model_name", "model_id", "request_model", "requested_model"),
    "served_model": ("served_model", "response_model"),
    "http_status": ("http_status", "status_code", "http_status_code", "response_status"),
    "error": ("error", "error_message"),
    "finish_reason": ("finish_reason", "stop_reason"),
    "input_all": ("prompt_tokens",),
    "output_all": ("completion_tokens",),
    "input": ("input_tokens", "uncached_input_tokens"),
    "output": ("output_tokens",),
    "cache_read": (
        "cached_tokens",
        "cache_read_input_tokens",
        "cache_read_tokens",
        "cached_input_tokens",
        "input_cached_tokens",
        "prompt_cached_tokens",
        "prompt_tokens_details_cached_tokens",
        "input_tokens_details_cached_tokens",
    ),
    "cache_write": ("cache_creation_input_tokens", "cache_write_tokens", "cache_creation_tokens"),
    "reasoning": (
        "reasoning_tokens",
        "completion_tokens_details_reasoning_tokens",
        "output_tokens_details_reasoning_tokens",
    ),
    "cost_usd": ("cost_usd", "cost_in_usd", "total_cost_usd", "response_cost_usd"),
    "key": ("key_alias", "api_key_alias", "key_name"),
    "team": ("team", "team_name", "team_alias", "team_id"),
    "project": ("project", "project_name", "project_id"),
    "app": ("app", "app_url", "http_referer"),
    "app_title": ("app_title", "app_name", "x_title"),
    "user": ("user", "user_id", "end_user", "end_user_id"),
}
_BY_WORD = {word: target for target, words in _EVIDENT.items() for word in words}
#: Beside `input_tokens` these are OpenAI's words, who counts them inside; Anthropic's are others.
_IN_INPUT = {
    "input_cached_tokens",
    "cached_input_tokens",
    "cached_tokens",
    "input_tokens_details_cached_tokens",
}
_IN_OUTPUT = {"reasoning_tokens", "output_tokens_details_reasoning_tokens"}
#: Words that are names of ours and, in a file, mostly texts.
_NO_LEAVES = {"input", "output", "requests", "images", "searches", "flavour"}


def guess(known: ColumnMap, columns: Sequence[str], samples: Mapping[str, str]) -> ColumnMap:
    """A map with what is evident added to it: the first of two columns, a user's word before all.

    `samples` has a cell of each column, where there is one that says something.
    """
    named = [name for name, _ in (*known.columns, *known.constants)]
    taken = {source for _, source in known.columns} | set(known.ignored)
    whole = _find_whole(columns)
    found: list[tuple[str, str]] = []
    for column in columns:
        if column in taken:
            continue
        target = _target(column, samples.get(column, ""), whole)
        if target and not any(_excludes(each, target) for each in named):
            named.append(target)
            found.append((target, column))
    return replace(known, columns=(*known.columns, *found))


def words(column: str) -> str:
    """The name of a column as words: `startTime`, `Start time` and `start_time` are the same."""
    return _WORDS.sub("_", _HUMPS.sub("_", column).lower()).strip("_")


def _target(column: str, sample: str, whole: frozenset[str]) -> str | None:
    name = words(column)
    if name == "status":
        return "http_status" if sample.isdecimal() else "outcome"
    if name in targets.NAMES and name not in _NO_LEAVES:
        return name
    if sample.startswith("{"):
        return "usage_reported" if name.rpartition("_")[2] == "usage" else None
    for end in (name, name.rpartition("usage_")[2]):
        target = _BY_WORD.get(end)
        if target is not None:
            return f"{target}_all" if target in whole else target
    return None


def _find_whole(columns: Sequence[str]) -> frozenset[str]:
    """Which of `input_tokens` and `output_tokens` have others of the columns inside of them."""
    names = {words(column).rpartition("usage_")[2] for column in columns}
    inside = {"input"} if names & _IN_INPUT else set()
    return frozenset(inside | ({"output"} if names & _IN_OUTPUT else set()))


def _excludes(one: str, other: str) -> bool:
    is_counted = {one, other} & {"usage_reported"} and {one, other} & _COUNTS
    return bool(is_counted) or targets.is_same(one, other)


_COUNTS = {*targets.WHOLES, "input", "output", "cache_read", "cache_write", "reasoning"}
