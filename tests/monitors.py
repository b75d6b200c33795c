"""Monitors: a real monitor over the simulator, for tests from the services upwards."""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from monitor.domain.endpoints import Endpoint, Flavour, Target
from monitor.domain.prices import PriceList, Rate
from monitor.domain.secrets import Secret
from monitor.runtime.monitor import Monitor, open_monitor
from monitor.settings.model import Settings
from monitor.simulator.app import Conditions
from monitor.simulator.catalogue import KEY
from monitor.simulator.server import run_in_thread
from tests import making

T = TypeVar("T")
SMALL, LARGE = "aurora/aurora-small", "aurora/aurora-large"
TARGET = "aurora@default"
PRICES = PriceList((Rate("input", 150_000), Rate("output", 600_000)), "test", valid_from_ms=0)
FREE = PriceList((Rate("input", 0), Rate("output", 0)), "test", valid_from_ms=0)


@dataclass(frozen=True, slots=True)
class Provider:
    """The simulated provider `aurora`, which obeys."""

    root: str

    @property
    def base_url(self) -> str:
        return f"{self.root}/aurora/v1"

    def fail(self, fault: str | None) -> None:
        """Fail every request from now on in this way; `None`: no more."""
        connection = HTTPConnection(urlsplit(self.root).netloc, timeout=5)
        connection.request("POST", "/_control", json.dumps({"provider": "aurora", "fault": fault}))
        assert connection.getresponse().status == 200
        connection.close()


@contextmanager
def run_provider(time_scale: float = 0.0) -> Iterator[Provider]:
    """The provider, answering at once unless told otherwise."""
    conditions = Conditions(is_scripted=False, allows_control=True, time_scale=time_scale)
    with run_in_thread(conditions) as root:
        yield Provider(root)


def make_settings(folder: Path, base_url: str, **more: Any) -> Settings:
    """Settings that watch two models of one target, over an empty migrated database."""
    database = making.open_database(folder, watched=(), priced={})
    database.close()
    target = Target(TARGET, "aurora", base_url, Flavour.OPENAI_CHAT, "default", Secret(KEY))
    endpoints = tuple(
        Endpoint(name, target, name, name.removeprefix("aurora/")) for name in (SMALL, LARGE)
    )
    values: dict[str, Any] = {
        "path": folder / "inferwatch.yaml",
        "database_url": database.url,
        "zone": ZoneInfo("UTC"),
        "targets": (target,),
        "endpoints": endpoints,
        "prices": {SMALL: PRICES, LARGE: PRICES},
    }
    return Settings(**values | more)


async def with_monitor(settings: Settings, use: Callable[[Monitor], Awaitable[T]]) -> T:
    """What `use` makes of a monitor with these settings."""
    async with open_monitor(settings) as monitor:
        return await use(monitor)
