"""Waits: what a provider asked for is kept by a monitor that was killed meanwhile."""

import signal
import time
from pathlib import Path

import pytest

from monitor.domain.outcomes import Outcome
from monitor.simulator.flavours import openai_errors
from tests.monitors import run_provider
from tests.reliability.lone_monitor import Home, make_home, read_ledger, run_monitor, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]

#: Longer than a start takes and than a failure waits for its confirmation.
RETRY_AFTER_S = 7


def started_ms(home: Home) -> list[int]:
    return [at_ms for at_ms, _ in read_ledger(home.database).probes]


def test_a_monitor_that_was_killed_still_waits_as_long_as_it_was_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(openai_errors._LIMITED, "retry-after", f"{RETRY_AFTER_S}")
    monkeypatch.setitem(openai_errors._LIMITED, "retry-after-ms", f"{RETRY_AFTER_S}000")
    with run_provider() as provider:
        home = make_home(tmp_path, provider.base_url)
        provider.fail("429")
        with run_monitor(home) as monitor:
            wait_for(lambda: len(started_ms(home)) == 1)
            monitor.process.send_signal(signal.SIGKILL)
            monitor.process.wait()
        provider.fail(None)
        with run_monitor(home) as monitor:
            wait_for(lambda: len(started_ms(home)) == 2)
            time.sleep(1.0)  # and no third beside it
            monitor.stop()

    (first_ms, refused), (second_ms, good) = read_ledger(home.database).probes
    assert (refused, good) == (Outcome.RATE_LIMITED, Outcome.OK)
    assert second_ms - first_ms >= RETRY_AFTER_S * 1_000
