"""Prices: what a user says that an endpoint costs, in force at once."""

import asyncio
from datetime import UTC
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from monitor.domain.prices import Rate
from monitor.domain.secrets import redact
from monitor.domain.tiers import ServiceTier, TierRule
from monitor.domain.usage import LEAVES
from monitor.domain.weekdays import EVERY_DAY
from monitor.domain.windows import instant_ms
from monitor.runtime.monitor import Monitor
from monitor.services import prices
from monitor.services.prices import NothingPriced, OwnPrice
from monitor.storage.engine import DatabaseRefused

Line = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Minute = Annotated[int, Field(ge=0, lt=24 * 60)]
Count = Annotated[int, Field(ge=-1, le=10**12)]


class RateBody(BaseModel):
    """A rate in pico-dollars per unit, with its conditions (docs/semantics.md, section 6)."""

    model_config = ConfigDict(extra="forbid", strict=True)
    leaf: Literal[LEAVES]  # type: ignore[valid-type]
    pico_usd: Annotated[int, Field(ge=0, le=10**18)]
    above_tokens: Count = -1
    from_minute: Minute | None = None
    to_minute: Minute | None = None
    service_tier: Annotated[ServiceTier | None, Field(strict=False)] = None
    tier_rule: Annotated[TierRule, Field(strict=False)] = TierRule.INPUT
    weekdays: Annotated[int, Field(ge=1, le=EVERY_DAY)] = EVERY_DAY


class PriceBody(BaseModel):
    """The price of an endpoint or a model from an instant on, now where none is given."""

    model_config = ConfigDict(extra="forbid")
    name: Line
    by: Line
    rates: Annotated[list[RateBody], Field(min_length=1, max_length=200)]
    valid_from: AwareDatetime | None = None

    @property
    def price(self) -> OwnPrice:
        """The same for the floors below."""
        rates = tuple(Rate(**each.model_dump()) for each in self.rates)
        since = self.valid_from
        from_ms = None if since is None else instant_ms(since.astimezone(UTC))
        return OwnPrice(self.name, rates, redact(self.by), from_ms)


def register(app: FastAPI, monitor: Monitor) -> None:
    """Add `POST /v1/prices`."""

    @app.post("/v1/prices")
    async def set_price(body: PriceBody) -> JSONResponse:
        now_ms = monitor.clock.now_ms()
        writing = monitor.ledger.reform(lambda s: prices.set_own(s, body.price, now_ms))
        try:
            named = await asyncio.wrap_future(writing)
            await monitor.rearrange()  # what was unpriced may be probed now
        except NothingPriced as error:
            return JSONResponse({"error": str(error)}, HTTPStatus.NOT_FOUND)
        except DatabaseRefused as error:
            text = f"{error}; try again once it does not"
            return JSONResponse({"error": text}, HTTPStatus.SERVICE_UNAVAILABLE)
        return JSONResponse({"endpoints": named}, HTTPStatus.CREATED)
