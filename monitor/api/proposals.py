"""Proposals: prices that sources name, and what is decided of them."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC
from http import HTTPStatus
from typing import Annotated

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from monitor.api.prices import Line, RateBody
from monitor.domain.offers import Offer
from monitor.domain.prices import Rate
from monitor.domain.secrets import redact
from monitor.domain.windows import instant_ms
from monitor.runtime.monitor import Monitor
from monitor.services import proposals
from monitor.services.proposals import CannotDecide
from monitor.services.reference import UnknownEndpoint
from monitor.storage.engine import DatabaseRefused, Session


class OfferBody(BaseModel):
    """What a source says of one endpoint, by the name that it has there."""

    model_config = ConfigDict(extra="forbid")
    endpoint: Line
    name: Line
    rates: Annotated[list[RateBody], Field(min_length=1, max_length=200)]


class ProposalsBody(BaseModel):
    """What a source says, as of when."""

    model_config = ConfigDict(extra="forbid")
    source: Line
    as_of: AwareDatetime
    offers: Annotated[list[OfferBody], Field(max_length=5_000)]


class DecisionBody(BaseModel):
    """Which proposals are accepted, or rejected, and by whom."""

    model_config = ConfigDict(extra="forbid")
    ids: Annotated[list[int], Field(min_length=1, max_length=5_000)]
    is_accepted: bool
    by: Line


def register(app: FastAPI, monitor: Monitor) -> None:
    """Add `POST /v1/proposals` and `POST /v1/proposals/decisions`."""

    @app.post("/v1/proposals")
    async def propose(body: ProposalsBody) -> JSONResponse:
        offers = [_offer(each) for each in body.offers]
        as_of_ms, now_ms = instant_ms(body.as_of.astimezone(UTC)), monitor.clock.now_ms()

        def write(session: Session) -> object:
            return asdict(proposals.propose(session, body.source, offers, as_of_ms, now_ms))

        return await _answer(monitor, write, HTTPStatus.CREATED)

    @app.post("/v1/proposals/decisions")
    async def decide(body: DecisionBody) -> JSONResponse:
        now_ms, by = monitor.clock.now_ms(), redact(body.by)
        decided = proposals.accept if body.is_accepted else proposals.reject

        def write(session: Session) -> object:
            return {"endpoints": decided(session, body.ids, by, now_ms)}

        return await _answer(monitor, write, HTTPStatus.OK, reforms=body.is_accepted)


async def _answer(
    monitor: Monitor,
    write: Callable[[Session], object],
    code: HTTPStatus,
    *,
    reforms: bool = False,
) -> JSONResponse:
    try:
        written = await asyncio.wrap_future(monitor.ledger.reform(write))
        if reforms:
            await monitor.rearrange()
    except UnknownEndpoint as error:
        return JSONResponse({"error": str(error)}, HTTPStatus.NOT_FOUND)
    except CannotDecide as error:
        return JSONResponse({"error": str(error)}, HTTPStatus.CONFLICT)
    except DatabaseRefused as error:
        text = f"{error}; try again once it does not"
        return JSONResponse({"error": text}, HTTPStatus.SERVICE_UNAVAILABLE)
    return JSONResponse(written, code)


def _offer(body: OfferBody) -> Offer:
    return Offer(body.endpoint, body.name, tuple(Rate(**each.model_dump()) for each in body.rates))
