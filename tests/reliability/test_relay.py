"""The relay that other tests hold our timings against: itself held against known senders."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.reliability.relay import Direction, Exchange, Relay, run_relay

PAUSE_S = 0.05

Answer = Callable[[socket.socket], None]


@contextmanager
def serve(answer: Answer) -> Iterator[int]:
    """A server on a free port that accepts one connection and lets `answer` talk on it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            connection, _ = listener.accept()
            with connection:
                answer(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


def send_two_events(connection: socket.socket) -> None:
    connection.recv(100)
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\ndata: one\n\nda")
    time.sleep(PAUSE_S)
    connection.sendall(b"ta: two\n\n")


def echo_until_closed(connection: socket.socket) -> None:
    while data := connection.recv(100):
        connection.sendall(data)


def ask(relay: Relay, *questions: bytes) -> bytes:
    """What comes back for some questions, each sent when the last is answered."""
    answer = b""
    with socket.create_connection(("127.0.0.1", relay.port)) as client:
        for question in questions:
            client.sendall(question)
            answer += client.recv(100)
        client.shutdown(socket.SHUT_WR)
        while data := client.recv(100):
            answer += data
    return answer


def record(answer: Answer, *questions: bytes) -> list[Exchange]:
    with serve(answer) as port, run_relay(port) as relay:
        ask(relay, *questions)
        return relay.list_exchanges()


def test_what_passes_is_not_changed() -> None:
    with serve(echo_until_closed) as port, run_relay(port) as relay:
        answer = ask(relay, b"one ", b"two ", b"three")

    assert answer == b"one two three"


def test_an_event_is_stamped_when_its_last_byte_passes() -> None:
    [exchange] = record(send_two_events, b"GET /")

    first, second = exchange.list_events()
    assert (first.data, second.data) == ("one", "two")
    assert second.at_s - first.at_s >= PAUSE_S


def test_nothing_waits_for_what_follows() -> None:
    with serve(send_two_events) as port, run_relay(port) as relay:
        with socket.create_connection(("127.0.0.1", relay.port)) as client:
            client.sendall(b"GET /")
            client.recv(100)
            first_seen_s = time.perf_counter()
            while client.recv(100):
                pass
        [exchange] = relay.list_exchanges()

    first, second = exchange.list_events()
    assert first.at_s <= first_seen_s < second.at_s


def test_requests_on_one_connection_are_exchanges_of_their_own() -> None:
    exchanges = record(echo_until_closed, b"one", b"two")

    assert [exchange.request[0].data for exchange in exchanges] == [b"one", b"two"]
    assert [exchange.response[0].data for exchange in exchanges] == [b"one", b"two"]


def test_both_clocks_tell_the_same_order() -> None:
    [exchange] = record(send_two_events, b"GET /")

    chunks = [*exchange.request, *exchange.response]
    assert [chunk.direction for chunk in chunks[:2]] == [Direction.REQUEST, Direction.RESPONSE]
    assert chunks == sorted(chunks, key=lambda chunk: (chunk.at_s, chunk.at_ns))


def test_a_client_is_cut_off_when_no_server_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]

    with (
        run_relay(port) as relay,
        socket.create_connection(("127.0.0.1", relay.port)) as client,
        pytest.raises(ConnectionResetError),
    ):
        client.recv(100)


def test_a_taken_port_is_refused() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(OSError, match="in use"),
        run_relay(upstream_port=1, port=taken.getsockname()[1]),
    ):
        pass
