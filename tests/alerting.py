"""Alerting: outages and channels for tests of who is told what."""

from datetime import time
from zoneinfo import ZoneInfo

from monitor.domain.calls import Call
from monitor.domain.channels import Channel, Hook, show_address
from monitor.domain.outcomes import Outcome, Result
from monitor.domain.routes import Alerting, Hours
from monitor.domain.secrets import Secret
from tests.making import ENDPOINT, probe

SECRET = "s3cret-of-the-webhook-0123456789"
NIGHT = Hours(time(22), time(7), ZoneInfo("UTC"))
#: An outage is confirmed so long after its start.
CONFIRMED_S = 41.0


def hook(url: str, name: str = "hook") -> Channel:
    """A webhook channel."""
    return Channel(name, Hook(Secret(url), Secret(SECRET)), show_address(url))


def to_hooks(*urls: str) -> Alerting:
    """Everything goes to each of these."""
    named = [hook(url, f"hook{n or ''}") for n, url in enumerate(urls)]
    return Alerting(tuple(named), link="https://watch.example")


def outage(
    at_s: float, endpoint: str = ENDPOINT.id, outcome: Result = Outcome.OVERLOADED
) -> list[Call]:
    """A good probe, and three that fail: the last one confirms it at `at_s` + `CONFIRMED_S`."""
    good = probe(at_s - 20, endpoint=endpoint, gap_s=60.0)
    failing = (probe(at_s + n, outcome, endpoint=endpoint, gap_s=60.0) for n in (0, 20, 40))
    return [good, *failing]


def recovery(at_s: float, endpoint: str = ENDPOINT.id) -> list[Call]:
    """Two good probes: the last one ends at `at_s` + 11."""
    return [probe(at_s + n, endpoint=endpoint, gap_s=60.0) for n in (0, 10)]
