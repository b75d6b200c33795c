"""Blackbox: what prometheus' blackbox_exporter measures of the same server, beside what we do.

Both ask for the list of models over a new connection each time, one probe after the other. Where
the exporter's binary is not found, nothing is measured.
"""

import asyncio
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from monitor.domain.calls import Timings
from monitor.domain.endpoints import Flavour, Target
from monitor.probes import reach
from monitor.wire.transport import Transport
from tests.performance.figures import Figure
from tests.reliability.model_server import find_free_port

_NAMES = ("blackbox_exporter", "prometheus-blackbox-exporter")
_CONFIG = "modules: {http: {prober: http, timeout: 5s}}\n"
_PHASE = re.compile(r'probe_http_duration_seconds\{phase="(\w+)"\} (\S+)')
_TIMEOUT_S = 20.0
PROBES = 100


def measure(provider_port: int) -> Iterator[Figure]:
    """The medians of both: of connecting, and from then to the first byte."""
    binary = next(filter(None, map(shutil.which, _NAMES)), None)
    if binary is None:
        return
    url = f"http://127.0.0.1:{provider_port}/v1"
    with _exporting(binary) as port:
        theirs = [_ask(port, f"{url}/models") for _ in range(PROBES)]
    ours = asyncio.run(_reach(url))
    yield from _compare("connect", theirs, lambda each: each.connect_s, ours)
    yield from _compare("processing", theirs, _processing_s, ours)


def _compare(
    phase: str,
    theirs: list[dict[str, float]],
    of: Callable[[Timings], float | None],
    ours: list[Timings],
) -> Iterator[Figure]:
    known = [seconds for each in ours if (seconds := of(each)) is not None]
    for key, who, values in (
        ("ours", "ours", known),
        ("blackbox", "blackbox_exporter", [each[phase] for each in theirs]),
    ):
        about = f"{phase} of a new connection, {who}, median of {PROBES}"
        yield Figure(f"probes_{phase}_{key}_ms", 1_000 * median(values), "ms", about)


def _processing_s(timings: Timings) -> float | None:
    """As the exporter counts it: from the connection to the first byte of the answer."""
    if timings.first_byte_s is None or timings.connect_s is None:
        return None
    return timings.first_byte_s - timings.connect_s


async def _reach(url: str) -> list[Timings]:
    found = []
    target = Target("beside@none", "beside", url, Flavour.OPENAI_CHAT, "none", None)
    for _ in range(PROBES):
        async with Transport() as transport:  # a new one each time: no connection is kept
            call = await reach.probe(target, transport, lambda: 0)
        found.append(call.timings)
    return found


@contextmanager
def _exporting(binary: str) -> Iterator[int]:
    port = find_free_port()
    with TemporaryDirectory() as folder:
        config = Path(folder) / "blackbox.yml"
        config.write_text(_CONFIG)
        command = [
            binary,
            f"--config.file={config}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=error",
        ]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as exporter:
            try:
                _wait(port)
                yield port
            finally:
                exporter.terminate()


def _wait(port: int) -> None:
    until_s = time.monotonic() + _TIMEOUT_S
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{port}/-/healthy", timeout=1):
                return
        except (URLError, OSError):
            if time.monotonic() > until_s:
                raise
            time.sleep(0.05)


def _ask(port: int, url: str) -> dict[str, float]:
    query = urlencode({"module": "http", "target": url})
    with urlopen(f"http://127.0.0.1:{port}/probe?{query}", timeout=_TIMEOUT_S) as answer:
        told = answer.read().decode()
    return {phase: float(seconds) for phase, seconds in _PHASE.findall(told)}
