"""Shapes: what a settings file may say, as pydantic models. Their descriptions are the docs."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from monitor.domain.capabilities import Capability
from monitor.domain.endpoints import Flavour
from monitor.domain.secrets import Secret
from monitor.settings.alerts import AlertsShape, fields_of_alerts
from monitor.settings.apps import AppShape
from monitor.settings.base import (
    AMOUNT_SCHEMA,
    TEXT_SCHEMA,
    Duration,
    Flag,
    Id,
    Name,
    Shape,
    Text,
    Whole,
    Zone,
)
from monitor.settings.bills import BillShape, BillsShape
from monitor.settings.budgets import BudgetShape
from monitor.settings.feeds import FeedShape, FeedsShape
from monitor.settings.heartbeat import HeartbeatShape
from monitor.settings.listening import MonitorShape
from monitor.settings.maintenance import MaintenanceShape
from monitor.settings.prices import PriceShape, fields_of_price
from monitor.settings.times import read_day
from monitor.settings.values import (
    read_base_url,
    read_decimal,
    read_key,
    read_witness,
)
from monitor.settings.wire_shape import DialectShape, PinsShape

BaseUrl = Annotated[Text, AfterValidator(read_base_url)]
Key = Annotated[Secret, PlainValidator(read_key), WithJsonSchema(TEXT_SCHEMA)]
Dollars = Annotated[Decimal, BeforeValidator(read_decimal), WithJsonSchema(AMOUNT_SCHEMA)]
Witness = Annotated[tuple[str, int], PlainValidator(read_witness), WithJsonSchema(TEXT_SCHEMA)]
Port = Annotated[Whole, Field(ge=1, le=65_535)]
Day = Annotated[date, PlainValidator(read_day), WithJsonSchema(TEXT_SCHEMA)]
Days = Annotated[Whole, Field(ge=1, le=36_500)]


class ModelShape(Shape):
    """A model to watch. A bare name is short for `{name: …}`."""

    name: Text = Field(description="The model's name as the provider's API knows it.")
    model: Id | None = Field(
        None, description="Canonical author/slug, by which the same model elsewhere is found."
    )
    id: Id | None = Field(None, description="The endpoint's id; without it, provider/name.")
    was: Id | None = Field(
        None, description="The endpoint's id before you renamed it: its history goes on."
    )
    interval: Duration = Field(
        300.0, description="Time between two probes, such as 5m; at least 15s."
    )
    output_tokens: Annotated[Whole, Field(ge=1, le=4096)] = Field(
        16, description="Output tokens that a probe may cost; reasoning models need some more."
    )
    performance: Flag = Field(
        default=True, description="false: its speed is not measured by longer questions."
    )
    performance_interval: Duration = Field(
        10_800.0, description="Time between two measurements of speed, such as 3h; at least 5m."
    )
    capabilities: tuple[Capability, ...] | None = Field(
        None,
        description="What is tested daily, of image, schema, tool and embeddings; [] for nothing. "
        "Without it, what models of this name are known to do.",
    )
    capability_interval: Duration = Field(
        86_400.0, description="Time between two tests of one capability, such as 1d; at least 5m."
    )
    timeout: Duration = Field(60.0, description="Time for a whole probe, such as 60s.")
    probe: Flag = Field(
        default=True, description="false: listed, and fed by traffic only, never probed."
    )
    allow_fast: Flag = Field(default=False, description="true: allows an interval under 15s.")
    price: PriceShape | None = Field(
        None, description="Your own price, which wins over the catalogue's; 0 means free."
    )
    retires: Day | None = Field(
        None, description="From which day on it is served no longer, such as 2027-01-14 (UTC)."
    )
    provider: PinsShape | None = Field(
        None, description="With flavour openrouter: which providers behind it may answer."
    )

    @model_validator(mode="before")
    @classmethod
    def _expand_name(cls, value: Any) -> Any:  # noqa: ANN401 - whatever the file says
        return {"name": value} if isinstance(value, str) else value


class ProviderShape(Shape):
    """Who answers: one base URL and one key."""

    flavour: Flavour | None = Field(
        None,
        description="The wire API that it speaks; without it, that of a provider whose base URL we "
        "know, else openai_chat.",
    )
    base_url: BaseUrl = Field(description="Where its API begins: https://api.openai.com/v1.")
    key: Key | None = Field(
        None, description="The API key, best as a reference: ${OPENAI_API_KEY}."
    )
    key_alias: Name = Field("default", description="What the key is called on screens.")
    reach_interval: Duration = Field(
        60.0, description="Time between two free GET /models; at least 15s."
    )
    was: Name | None = Field(
        None, description="Its name before you renamed it: all its endpoints' history goes on."
    )
    dialect: DialectShape = Field(
        DialectShape(), description="In what its host differs from others of its flavour."
    )
    probe_budget_usd_per_day: Dollars | None = Field(
        None, description="What its probes may cost a day, within the budget over all."
    )
    concurrency: Annotated[Whole, Field(ge=1, le=16)] = Field(
        4, description="How many probes of it may be under way at a time."
    )
    models: tuple[ModelShape, ...] = Field((), description="The models to watch there.")


class RetentionShape(Shape):
    """For how many days what is kept. Aggregates (usage, spend, availability) stay for ever."""

    calls_days: Days = Field(400, description="Calls.")
    details_days: Days = Field(
        90, description="Request ids, excerpts and phases of calls; messages of alerts."
    )
    latency_days: Days = Field(90, description="Latency by 15 minutes; then by day.")


class PortsShape(Shape):
    """Where our own processes listen, on loopback."""

    monitor: Port = Field(8051, description="The monitor's API.")
    dashboard: Port = Field(8050, description="The pages.")
    simulator: Port = Field(8052, description="The simulated providers of the demo.")


class FileShape(Shape):
    """The settings of one inferwatch installation."""

    zone: Zone | None = Field(
        None, description="Home time zone (IANA), in which days are counted; else the system's."
    )
    database: Text = Field(
        "inferwatch.db",
        description="Database file, relative to this file, or a sqlite:/// or postgresql:// URL.",
    )
    probe_budget_usd_per_day: Dollars = Field(
        Decimal(1), description="What probes may cost a day; intervals are stretched to fit."
    )
    probe_unpriced: Flag = Field(
        default=False, description="true: sends paid probes to models of unknown price, too."
    )
    openrouter_strict: Flag = Field(
        default=False,
        description="true: a provider is down for 401, 402 and 404 too, as OpenRouter counts it; "
        "else those are our account's trouble.",
    )
    witnesses: tuple[Witness, ...] | None = Field(
        None,
        description="host:port pairs that tell our own network's failure from a provider's; "
        "[] turns this off.",
    )
    retention: RetentionShape = Field(RetentionShape(), description="How long what is kept.")
    ports: PortsShape = Field(PortsShape(), description="Where our own processes listen.")
    monitor: MonitorShape = Field(MonitorShape(), description="Whom the monitor's API answers.")
    maintenance: tuple[MaintenanceShape, ...] = Field(
        (), description="Times that no availability is charged with."
    )
    apps: dict[Text, AppShape] = Field(
        {}, description="Apps by their HTTP-Referer: titles, and identities that are one app."
    )
    budgets: dict[Name, BudgetShape] = Field(
        {}, description="What calls may cost in a period, by name."
    )
    prices: FeedsShape = Field(
        FeedsShape(), description="Sources of prices on the network; without it, none is asked."
    )
    bills: BillsShape = Field(
        BillsShape(), description="What providers bill, beside our own sums; else none is asked."
    )
    alerts: AlertsShape = Field(AlertsShape(), description="Who is told of trouble, and when.")
    heartbeat: HeartbeatShape | None = Field(
        None, description="A sign of life to somebody outside; without it, none is sent."
    )
    demo: Flag = Field(default=False, description="true: watches the built-in simulator.")
    providers: dict[Name, ProviderShape] = Field({}, description="Who is watched, by name.")


#: The parts of a file, by where they stand: `*` is a name, a number or a place in a list.
_PARTS: dict[tuple[str, ...], type[Shape]] = {
    (): FileShape,
    ("retention",): RetentionShape,
    ("ports",): PortsShape,
    ("monitor",): MonitorShape,
    ("prices",): FeedsShape,
    ("heartbeat",): HeartbeatShape,
    ("prices", "feeds", "*"): FeedShape,
    ("bills",): BillsShape,
    ("bills", "sources", "*"): BillShape,
    ("maintenance", "*"): MaintenanceShape,
    ("budgets", "*"): BudgetShape,
    ("apps", "*"): AppShape,
    ("providers", "*"): ProviderShape,
    ("providers", "*", "dialect"): DialectShape,
    ("providers", "*", "models", "*"): ModelShape,
    ("providers", "*", "models", "*", "provider"): PinsShape,
}


def fields_at(path: tuple[str | int, ...]) -> frozenset[str] | None:
    """The keys that a place in the file may hold; `None` where names are free."""
    match path:
        case ("alerts", *within):
            return fields_of_alerts(within)
        case ("providers", _, "models", _, "price", *within):
            return fields_of_price(tuple(within))
        case ("providers" | "budgets" | "apps", _, *rest):
            path = (path[0], "*", *rest)
    shape = _PARTS.get(tuple("*" if isinstance(step, int) else step for step in path))
    if shape is None:
        return None
    return frozenset(field.alias or name for name, field in shape.model_fields.items())
