"""Outage: how soon a webhook hears of one, beside Prometheus, blackbox_exporter and Alertmanager.

Both look at the same provider every 15 s and tell the same receiver; theirs alerts at the first
failed probe and groups for nothing (`for: 0s`, `group_wait: 0s`). Where one of their programs is
not installed, ours is measured alone, and the figure of theirs is none.
"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from random import uniform
from statistics import median
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen

from monitor.simulator.catalogue import KEY
from tests.alerting import SECRET
from tests.monitors import Provider, run_provider
from tests.performance.figures import Figure
from tests.receiver import Receiver, run_receiver
from tests.reliability.lone_monitor import make_home, run_monitor
from tests.reliability.model_server import find_free_port

INTERVAL_S, OUTAGES = 15, 3
_PATIENCE_S = 120.0
_PROGRAMS = ("prometheus", "prometheus-alertmanager", "prometheus-blackbox-exporter")
_ALERTS = "\nalerts:\n  channels:\n    hook: {{webhook: {url}, secret: {secret}}}\n"
_HEADERS = {"Authorization": f"Bearer {KEY}"}
_MODULE = {"prober": "http", "timeout": "5s", "http": {"headers": _HEADERS}}
_RULES = {
    "groups": [
        {
            "name": "up",
            "interval": f"{INTERVAL_S}s",
            "rules": [{"alert": "Down", "expr": "probe_success == 0", "for": "0s"}],
        }
    ]
}

Run = Callable[[Path, Provider, Receiver], AbstractContextManager[None]]


def measure() -> list[Figure]:
    """The medians of some outages: from the first refusal to the webhook."""
    missing = [name for name in _PROGRAMS if shutil.which(name) is None]
    if missing:
        sys.stderr.write(f"not installed, so not measured: {', '.join(missing)}\n")
    ours = _measure(_run_ours, ("event", "alert.opened"))
    theirs = None if missing else _measure(_run_theirs, ("status", "firing"))
    about = f"outage to webhook, both looking every {INTERVAL_S} s, median of {OUTAGES}"
    return [
        Figure("outage_ours_s", ours, "s", f"{about}: ours"),
        Figure("outage_prometheus_s", theirs, "s", f"{about}: Prometheus and Alertmanager"),
    ]


def _measure(run: Run, opening: tuple[str, str]) -> float:
    """Outages of installations of their own, side by side: a second one would be flapping."""
    with ExitStack() as stack, ThreadPoolExecutor(OUTAGES) as pool:
        watched = [_set_up(stack, run) for _ in range(OUTAGES)]
        return median(pool.map(lambda each: _fail(each[0], each[1], opening), watched))


def _set_up(stack: ExitStack, run: Run) -> tuple[Provider, Receiver]:
    folder = stack.enter_context(TemporaryDirectory())
    provider = stack.enter_context(run_provider())
    receiver = stack.enter_context(run_receiver())
    stack.enter_context(run(Path(folder), provider, receiver))
    return provider, receiver


def _fail(provider: Provider, receiver: Receiver, opening: tuple[str, str]) -> float:
    key, value = opening
    time.sleep(INTERVAL_S * uniform(2, 3))
    begun_s = time.monotonic()
    provider.fail("500")
    receiver.wait(lambda: any(each.said[key] == value for each in receiver.got), _PATIENCE_S)
    return time.monotonic() - begun_s


@contextmanager
def _run_ours(folder: Path, provider: Provider, receiver: Receiver) -> Iterator[None]:
    home = make_home(folder, provider.base_url)
    settings = folder / "inferwatch.yaml"
    text = settings.read_text().replace("interval: 1h", f"interval: {INTERVAL_S}s")
    settings.write_text(text + _ALERTS.format(url=receiver.url, secret=SECRET))
    with run_monitor(home) as monitor:
        yield
        monitor.stop()


@contextmanager
def _run_theirs(folder: Path, provider: Provider, receiver: Receiver) -> Iterator[None]:
    ports = [find_free_port() for _ in _PROGRAMS]
    _write_settings(folder, provider, receiver, *ports)
    prometheus, manager, exporter = [
        [name, f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]
        for name, port in zip(_PROGRAMS, ports, strict=True)
    ]
    prometheus += [f"--config.file={folder / 'prometheus'}", f"--storage.tsdb.path={folder / 'p'}"]
    manager += [f"--config.file={folder / 'manager'}", f"--storage.path={folder / 'm'}"]
    manager += ["--cluster.listen-address="]
    exporter += [f"--config.file={folder / 'exporter'}"]
    with ExitStack() as stack:
        for command, port in zip((prometheus, manager, exporter), ports, strict=True):
            running = stack.enter_context(subprocess.Popen(command, stderr=subprocess.DEVNULL))
            stack.callback(running.terminate)
            _wait(port)
        yield


def _write_settings(
    folder: Path, provider: Provider, receiver: Receiver, _own: int, manager: int, exporter: int
) -> None:
    """JSON, which is YAML too."""
    job = {
        "job_name": "probe",
        "metrics_path": "/probe",
        "params": {"module": ["http"], "target": [f"{provider.base_url}/models"]},
        "static_configs": [{"targets": [f"127.0.0.1:{exporter}"]}],
    }
    hook = {"url": receiver.url, "send_resolved": True}
    route = {"receiver": "hook", "group_wait": "0s", "group_interval": "1s"}
    every = {"scrape_interval": f"{INTERVAL_S}s", "evaluation_interval": f"{INTERVAL_S}s"}
    managers = [{"static_configs": [{"targets": [f"127.0.0.1:{manager}"]}]}]
    written: dict[str, object] = {
        "exporter": {"modules": {"http": _MODULE}},
        "rules": _RULES,
        "manager": {"route": route, "receivers": [{"name": "hook", "webhook_configs": [hook]}]},
        "prometheus": {
            "global": every,
            "rule_files": [str(folder / "rules")],
            "scrape_configs": [job],
            "alerting": {"alertmanagers": managers},
        },
    }
    for name, content in written.items():
        (folder / name).write_text(json.dumps(content))


def _wait(port: int) -> None:
    until_s = time.monotonic() + _PATIENCE_S
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{port}/-/healthy", timeout=1):
                return
        except (URLError, OSError):
            if time.monotonic() > until_s:
                raise
            time.sleep(0.1)
