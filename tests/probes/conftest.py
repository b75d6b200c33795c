import socket
from collections.abc import Iterator

import pytest

from monitor.simulator.app import Conditions
from monitor.simulator.server import run_in_thread
from monitor.wire.connect import Host


@pytest.fixture(scope="module")
def root_url() -> Iterator[str]:
    """A simulator that answers at once and fails as it is told to."""
    conditions = Conditions(is_scripted=False, allows_control=True, time_scale=0.0)
    with run_in_thread(conditions) as url:
        yield url


@pytest.fixture
def closed() -> Iterator[Host]:
    """A port that nobody listens on, and nobody else gets."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield Host("127.0.0.1", held.getsockname()[1], is_tls=False)
