"""Conversations: a question, or a look at the models, from request to reply, in any flavour."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from monitor.domain.endpoints import Endpoint, Target
from monitor.domain.outcomes import Outcome
from monitor.wire.answers import Answer
from monitor.wire.judging import ReadIds, read_answer, read_models
from monitor.wire.lists import read_list
from monitor.wire.readers import AnswerReader, WholeReader
from monitor.wire.replies import Reply
from monitor.wire.transport import Request, Transport

LIST_TIMEOUT_S = 25.0
MAX_PAGES = 20
_VERSION = re.compile(r"/v\d+[a-z0-9]*$")

#: The request for the page of models after a cursor; for the first one after `None`.
RequestPage = Callable[[str | None], Request]
#: The cursor of the page after a parsed one; `None` after the last.
FindNext = Callable[[object], str | None]


async def ask(endpoint: Endpoint, transport: Transport, request: Request, answer: Answer) -> Reply:
    """The reply to a request, put together by a flavour's own kind of answer."""
    reader = AnswerReader(answer)
    exchange = await transport.client(endpoint.target).exchange(request, reader)
    return read_answer(exchange, reader, answer, endpoint.target)


async def list_models(
    target: Target,
    transport: Transport,
    request_page: RequestPage,
    read_ids: ReadIds,
    find_next: FindNext | None = None,
) -> Reply:
    """The ids on the first page of models, or on at most 20 pages where `find_next` is given.

    All but the ids is of the last page asked for.
    """
    models: tuple[str, ...] = ()
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        reader = WholeReader()
        exchange = await transport.client(target).exchange(request_page(cursor), reader)
        reply = read_models(exchange, reader.body, target, read_ids)
        models += reply.models
        if find_next is None or reply.outcome is not Outcome.OK:
            break
        cursor = find_next(read_list(reader.body))
        if cursor is None:
            break
    return replace(reply, models=models)


def post(
    endpoint: Endpoint,
    url: str,
    headers: Mapping[str, str],
    body: Any,  # noqa: ANN401
    *,
    is_streamed: bool = True,
) -> Request:
    """A question on its way, to be answered as a stream unless told otherwise."""
    return Request(
        method="POST",
        url=url,
        headers={
            "accept": "application/json, text/event-stream",
            "content-type": "application/json",
            **headers,
        },
        timeout_s=endpoint.timeout_s,
        body=json.dumps(body).encode(),
        is_streamed=is_streamed,
    )


def look(url: str, headers: Mapping[str, str]) -> Request:
    """A request for what is served somewhere."""
    return Request("GET", url, {"accept": "application/json", **headers}, LIST_TIMEOUT_S)


def versioned(base_url: str, version: str) -> str:
    """A base URL with its API's version, which users write with it or leave out."""
    base_url = base_url.rstrip("/")
    return base_url if _VERSION.search(base_url) else f"{base_url}/{version}"
