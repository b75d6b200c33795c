"""Events: the JSON in which a team's call is told. `docs/ingest.md` is its page for users."""

from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from monitor.domain.addresses import plain_url
from monitor.domain.calls import Attribution, Timings
from monitor.domain.endpoints import Flavour
from monitor.domain.events import Addressee, Event
from monitor.domain.money import nano_from_usd
from monitor.domain.outcomes import Result
from monitor.domain.usage import Usage

_MAX_COUNT = 10**12
_WEEK_S = 7 * 86_400.0
#: The last instant that every platform can name.
_END_OF_TIME_MS = 253_402_300_799_999

#: One line without what moves a cursor, turns the writing direction or cannot be seen.
_VISIBLE = r"^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$"


Name = Annotated[str, Field(min_length=1, max_length=200, pattern=_VISIBLE)]
Url = Annotated[str, Field(max_length=2_000, pattern=_VISIBLE), AfterValidator(plain_url)]
Instant = Annotated[int, Field(ge=0, le=_END_OF_TIME_MS, strict=True)]
Seconds = Annotated[float, Field(ge=0, le=_WEEK_S, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=_MAX_COUNT, strict=True)]
Dollars = Annotated[Decimal, Field(ge=0, le=10**6, allow_inf_nan=False)]


class UsageBody(BaseModel):
    """Disjoint leaves: each token is counted in one of them."""

    model_config = ConfigDict(extra="forbid")

    input: Count = 0
    cache_read: Count = 0
    cache_write_5m: Count = 0
    cache_write_1h: Count = 0
    cache_write: Count = 0
    output: Count = 0
    reasoning: Count = 0
    input_audio: Count = 0
    cache_read_audio: Count = 0
    output_audio: Count = 0
    input_image: Count = 0
    output_image: Count = 0
    images: Count = 0
    requests: Count = 0
    searches: Count = 0


class EventBody(BaseModel):
    """One call. It names an `endpoint`, or a `model` and where it is served."""

    model_config = ConfigDict(extra="forbid")

    started_ms: Annotated[Instant, Field(description="When it was sent, UTC milliseconds.")]
    ended_ms: Annotated[Instant | None, Field(description="When its answer ended.")] = None
    id: Annotated[Name | None, Field(description="Your own id of the call.")] = None
    ordinal: Annotated[
        Count | None,
        Field(description="How many equal events stand before it, where it has neither id."),
    ] = None
    response_id: Annotated[
        Name | None, Field(description="The id that the provider gave its answer.")
    ] = None
    request_id: Annotated[
        Name | None, Field(description="The provider's request id, out of a header.")
    ] = None
    endpoint: Annotated[Name | None, Field(description="The endpoint's id.")] = None
    provider: Annotated[Name | None, Field(description="Who serves the model.")] = None
    url: Annotated[
        Url | None, Field(description="The base URL, or the URL that was asked; no query.")
    ] = None
    model: Annotated[Name | None, Field(description="The model as the request named it.")] = None
    served_model: Annotated[Name | None, Field(description="The model as the answer named it.")] = (
        None
    )
    flavour: Annotated[Flavour | None, Field(description="The wire API.")] = None
    http_status: Annotated[
        int | None, Field(ge=100, le=599, description="The status of the answer.")
    ] = None
    outcome: Annotated[
        Result | None, Field(description="The outcome class, where you know it.")
    ] = None
    error: Annotated[
        str | None,
        Field(max_length=8_192, description="The beginning of an answer that refused, as it came."),
    ] = None
    service_tier: Annotated[
        Name | None, Field(description="The service tier that the answer said.")
    ] = None
    finish_reason: Annotated[
        Name | None, Field(description="Why the model stopped, as the answer said it.")
    ] = None
    connect_s: Annotated[
        Seconds | None, Field(description="Name look-up and TCP; none on a kept connection.")
    ] = None
    tls_s: Annotated[Seconds | None, Field(description="The TLS handshake.")] = None
    first_byte_s: Annotated[
        Seconds | None, Field(description="From the start to the first byte of the answer.")
    ] = None
    ttft_s: Annotated[Seconds | None, Field(description="From the start to the first token.")] = (
        None
    )
    total_s: Annotated[Seconds | None, Field(description="From the start to the end.")] = None
    is_reused: Annotated[
        bool | None, Field(description="Whether the connection was a kept one.")
    ] = None
    usage: Annotated[UsageBody | None, Field(description="The usage as disjoint leaves.")] = None
    usage_reported: Annotated[
        dict[str, Any] | None,
        Field(max_length=100, description="The usage object of the answer, as it came."),
    ] = None
    estimated_by: Annotated[
        Name | None, Field(description="What estimated `usage`; none: the provider counted.")
    ] = None
    cost_usd: Annotated[
        Dollars | None, Field(description="What the provider says the call cost, in dollars.")
    ] = None
    key: Annotated[Name | None, Field(description="The alias of the provider's key.")] = None
    team: Annotated[Name | None, Field(description="The team.")] = None
    project: Annotated[Name | None, Field(description="The project.")] = None
    app: Annotated[
        Name | None, Field(description="The app's identity: its URL, as in `HTTP-Referer`.")
    ] = None
    app_title: Annotated[
        Name | None, Field(description="How the app is called, as in `X-Title`.")
    ] = None
    user: Annotated[
        Name | None, Field(description="The end user; only a keyed hash of it is stored.")
    ] = None
    tags: Annotated[
        dict[Name, Name] | None, Field(max_length=20, description="Your own words for the call.")
    ] = None

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.endpoint is None and (self.model is None or not (self.url or self.provider)):
            raise ValueError("name an endpoint, or a model with its url or provider")
        if self.ended_ms is not None and self.ended_ms < self.started_ms:
            raise ValueError("ended_ms is before started_ms")
        if self.total_s is not None and (self.ttft_s or 0) > self.total_s:
            raise ValueError("ttft_s is longer than total_s")
        if self.usage is not None and self.usage_reported is not None:
            raise ValueError("give usage or usage_reported, not both")
        if self.estimated_by is not None and self.usage is None:
            raise ValueError("estimated_by says what estimated usage, and there is none")
        return self

    def read(self) -> Event:
        """The same for the floors below."""
        total_s = self.total_s
        if total_s is None and self.ended_ms is not None:
            total_s = (self.ended_ms - self.started_ms) / 1000
        ended_ms = self.ended_ms
        if ended_ms is None:
            ended_ms = self.started_ms + round((total_s or 0) * 1000)
        return Event(
            to=Addressee(self.endpoint, self.provider, self.url, self.model, self.flavour),
            started_ms=self.started_ms,
            ended_ms=ended_ms,
            id=self.id,
            ordinal=self.ordinal,
            response_id=self.response_id,
            request_id=self.request_id,
            http_status=self.http_status,
            outcome=self.outcome,
            error=self.error,
            service_tier=self.service_tier,
            finish_reason=self.finish_reason,
            served_model=self.served_model,
            timings=Timings(self.connect_s, self.tls_s, self.first_byte_s, self.ttft_s, total_s),
            is_reused=self.is_reused,
            usage=None if self.usage is None else Usage(**dict(self.usage)),
            estimated_by=self.estimated_by,
            usage_reported=self.usage_reported,
            cost_nano_usd=None if self.cost_usd is None else nano_from_usd(self.cost_usd),
            attribution=Attribution(self.team, self.project, self.app, self.key),
            app_title=self.app_title,
            user=self.user,
            tags=tuple((self.tags or {}).items()),
        )
