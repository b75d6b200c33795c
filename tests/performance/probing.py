"""Probing: what 500 endpoints at 30 s cost one monitor, and whether its clock stays true.

A monitor as `inferwatch monitor` starts it, with a real database, against a server in a process of
its own that stamps each answer with its own time to first token. Both stay on loopback.
"""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import urlopen

from tests.performance import blackbox, serving
from tests.performance.figures import Figure
from tests.performance.memory import resident_mb
from tests.reliability.model_server import find_free_port

TARGETS, MODELS, INTERVAL_S = 50, 10, 30
WARM_UP_S, MEASURED_S = 45.0, 90.0
_ROOT = Path(__file__).parents[2]
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_CALLS = """
    SELECT call.ttft_us, call_detail.served_model FROM call
    JOIN call_detail ON call_detail.call_id = call.id
    WHERE call.started_ms >= ? AND call.ttft_us IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What was seen over the measured time."""

    cpu_share: float
    memory_mb: float
    start_lag_p99_s: float
    differences_s: list[float]
    probes: int
    beside: list[Figure]

    def difference_ms(self, q: float) -> float:
        """Our time to first token less the server's own, at a quantile."""
        return 1_000 * sorted(self.differences_s)[int(q * (len(self.differences_s) - 1))]


def measure() -> list[Figure]:
    """CPU, punctuality, honesty and memory of one monitor under its full load."""
    found = run()
    due = TARGETS * MODELS * MEASURED_S / INTERVAL_S
    return [
        Figure("probes_share", found.probes / due, "", "probes made of those that were due", 0.95),
        Figure("probes_cpu", found.cpu_share, "of a core", _WHAT, 0.25, is_ceiling=True),
        _ceiling("probes_start_lag_p99_ms", found.start_lag_p99_s * 1_000, "start lag, p99", 50),
        _ceiling("probes_ttft_p50_ms", found.difference_ms(0.5), f"{_TTFT}, p50", 4),
        _ceiling("probes_ttft_p95_ms", found.difference_ms(0.95), f"{_TTFT}, p95", 10),
        Figure(
            "probes_memory_mb",
            found.memory_mb,
            "MB",
            "memory of that monitor",
            200,
            is_ceiling=True,
        ),
    ]


_WHAT = f"CPU of a monitor of {TARGETS * MODELS} endpoints at {INTERVAL_S} s, 40 events an answer"
_TTFT = "our time to first token less the server's own"


def _ceiling(key: str, value_ms: float, about: str, goal_ms: float) -> Figure:
    return Figure(key, value_ms, "ms", about, goal_ms, is_ceiling=True)


def run() -> Load:
    """The load, from the start of both processes to their end."""
    with TemporaryDirectory() as folder, _serving() as provider_port:
        port = find_free_port()
        settings = _write_settings(Path(folder), provider_port, port)
        with serving.run(settings, "-m", "monitor.cli", "monitor") as monitor:
            time.sleep(WARM_UP_S)
            from_ms, cpu_s = time.time_ns() // 1_000_000, _cpu_s(monitor.pid)
            time.sleep(MEASURED_S)
            used_s = _cpu_s(monitor.pid) - cpu_s
            lag_s = _status(port)["scheduler"]["start_lag_p99_s"]
            memory_mb = resident_mb(monitor.pid)
        differences = list(_differences_s(Path(folder) / "inferwatch.db", from_ms))
        beside = list(blackbox.measure(provider_port))
    return Load(used_s / MEASURED_S, memory_mb, lag_s, differences, len(differences), beside)


def _write_settings(folder: Path, provider_port: int, port: int) -> Path:
    providers = {
        f"provider-{n}": {
            "base_url": f"http://127.0.0.1:{provider_port}/{n}/v1",
            "models": [
                {"name": f"model-{m}", "interval": f"{INTERVAL_S}s", "price": 0, "capabilities": []}
                for m in range(MODELS)
            ],
        }
        for n in range(TARGETS)
    }
    settings = folder / "inferwatch.yaml"
    ports = {"monitor": port, "dashboard": find_free_port(), "simulator": find_free_port()}
    settings.write_text(json.dumps({"zone": "UTC", "ports": ports, "providers": providers}))
    return settings


@contextmanager
def _serving() -> Iterator[int]:
    port = find_free_port()
    command = [sys.executable, "-m", "tests.performance.fast_server", str(port)]
    with subprocess.Popen(command, cwd=_ROOT) as server:
        try:
            yield port
        finally:
            server.kill()


def _cpu_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def _status(port: int) -> Any:  # noqa: ANN401 - JSON
    with urlopen(f"http://127.0.0.1:{port}/v1/status", timeout=10) as answer:
        return json.load(answer)


def _differences_s(database: Path, from_ms: int) -> Iterator[float]:
    with closing(sqlite3.connect(database)) as reader:
        for ttft_us, stamp in reader.execute(_CALLS, (from_ms,)):
            yield (ttft_us - int(stamp.removeprefix("stamp-"))) / 1_000_000
