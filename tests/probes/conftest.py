import socket
from collections.abc import Iterator

import pytest

from monitor.wire.connect import Host


@pytest.fixture
def closed() -> Iterator[Host]:
    """A port that nobody listens on, and nobody else gets."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield Host("127.0.0.1", held.getsockname()[1], is_tls=False)
