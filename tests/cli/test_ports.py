"""The socket on which the monitor listens."""

import socket
from contextlib import closing

import pytest

from monitor.cli.ports import listen, listening
from monitor.cli.refusal import Refusal
from tests.reliability.model_server import find_free_port


def test_an_answer_in_two_parts_waits_for_no_receipt() -> None:
    with (
        closing(listen(find_free_port(), "monitor")) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_our_own_commands_reach_a_monitor_that_listens_elsewhere() -> None:
    port = find_free_port()
    with listening("127.0.0.2", port, "monitor") as listeners:
        names = [listener.getsockname()[0] for listener in listeners]

    assert names == ["127.0.0.1", "127.0.0.2"]


def test_an_address_of_another_machine_is_refused_with_a_remedy() -> None:
    with pytest.raises(Refusal, match=r"192\.0\.2\.1 is no address of this machine; mend `monitor"):
        listen(find_free_port(), "monitor", "192.0.2.1")
