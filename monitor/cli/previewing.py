"""Previewing: what each channel would say of made-up trouble; nothing is sent."""

from collections.abc import Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

from monitor.channels.wording import words
from monitor.cli.refusal import Refusal
from monitor.cli.starting import read_settings
from monitor.domain.alerts import AlertKind, Severity, Telling
from monitor.domain.channels import Channel
from monitor.domain.digest_messages import compose_digest
from monitor.domain.digests import Digest, Entry
from monitor.domain.messages import Case, Fired, Message, compose, compose_test
from monitor.domain.notices import compose_fired
from monitor.domain.outcomes import Outcome
from monitor.domain.windows import DAY_MS, HOUR_MS, MINUTE_MS
from monitor.settings.model import Settings

_START_MS = 1_767_225_600_000  # 1 January 2026
_NANO_PER_USD = 1_000_000_000


def spell(name: str | None) -> str:
    """Every kind of message, as one channel or all would word it. Raises Refusal, SettingsError."""
    settings = read_settings()
    channels = [each for each in settings.alerts.channels if name in {None, each.name}]
    if not channels:
        named = ", ".join(each.name for each in settings.alerts.channels) or "none"
        raise Refusal(f"there is no channel {name or 'at all'} in the settings; these are: {named}")
    return "\n".join(line for each in channels for line in _preview(each, settings))


def _preview(channel: Channel, settings: Settings) -> Iterator[str]:
    yield f"── {channel.name} ({channel.kind}, {channel.shown})"
    for message in samples(channel.name, settings.link, settings.zone):
        said = words(channel, message)
        yield f"\n{message.telling}: {said.title}"
        yield from (f"    {line}" for line in said.body.splitlines())
    yield ""


def samples(name: str, link: str, zone: ZoneInfo) -> Iterator[Message]:
    """One message of each kind, of made-up trouble."""
    one = Case(
        12,
        AlertKind.AVAILABILITY,
        Severity.CRITICAL,
        "openai",
        ("openai/gpt-4o",),
        ("openai/gpt-4o",),
        Outcome.OVERLOADED,
        _START_MS,
        rule="down",
        failed={Outcome.OVERLOADED: 9, Outcome.TIMEOUT_CONNECT: 2},
        calls=14,
        lasts_ms=HOUR_MS,
    )
    two = (*one.subjects, "openai/gpt-4o-mini")
    many = replace(one, subjects=two, still=two)
    over = replace(one, still=(), ended_ms=_START_MS + 7 * MINUTE_MS, told_before=True)
    cases = {
        Telling.OPENED: one,
        Telling.GREW: many,
        Telling.FLAPPING: replace(one, changes=4),
        Telling.REMINDER: one,
        Telling.ESCALATED: one,
        Telling.CLOSED: over,
    }
    for telling, case in cases.items():
        yield compose(telling, case, f"{link}/incidents/12", zone)
    yield compose_fired(_fired(zone), f"{link}/budgets")
    for telling in (Telling.SUMMARY, Telling.CROWD, Telling.DIGEST):
        yield compose_digest(_digest(telling), f"{link}/alerts", zone)
    yield compose_test(name, link)


def _fired(zone: ZoneInfo) -> Fired:
    return Fired(
        budget="search",
        scope="team search",
        percent=80,
        is_projected=False,
        amount_nano_usd=500 * _NANO_PER_USD,
        spent_nano_usd=401 * _NANO_PER_USD,
        projected_nano_usd=612 * _NANO_PER_USD,
        calls=81_204,
        unknown=12,
        from_ms=_START_MS,
        to_ms=_START_MS + 31 * DAY_MS,
        zone=zone,
    )


def _digest(telling: Telling) -> Digest:
    down = Entry("openai/gpt-4o", AlertKind.AVAILABILITY, _START_MS, _START_MS + 7 * MINUTE_MS)
    refused = Entry("anthropic: 3 endpoints", AlertKind.ACCOUNT, _START_MS + MINUTE_MS, None)
    return Digest(telling, _START_MS, _START_MS + HOUR_MS, (down, refused))
