"""The socket on which the monitor listens."""

import socket
from contextlib import closing

from monitor.cli.ports import listen
from tests.reliability.model_server import find_free_port


def test_an_answer_in_two_parts_waits_for_no_receipt() -> None:
    with (
        closing(listen(find_free_port(), "monitor")) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
