"""Server: the simulator's process, or a thread of a test, that listens on loopback."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from monitor.simulator.app import Conditions, build_app
from monitor.simulator.catalogue import PORT

_HOST = "127.0.0.1"


def serve(port: int = PORT, conditions: Conditions | None = None) -> None:
    """Serve until SIGINT or SIGTERM; raises `OSError` where the port is taken."""
    _configure(conditions or Conditions()).run(sockets=[_listen(port)])


@contextmanager
def run_in_thread(conditions: Conditions, port: int = 0) -> Iterator[str]:
    """Serve while the block runs; gives the root URL, without a path (port 0: any free one)."""
    server = _configure(conditions)
    with _listen(port) as listener:
        address = f"http://{_HOST}:{listener.getsockname()[1]}"
        thread = threading.Thread(
            target=server.run, args=([listener],), name="simulator", daemon=True
        )
        thread.start()
        try:
            yield address
        finally:
            server.should_exit = True
            thread.join()


def _configure(conditions: Conditions) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            build_app(conditions),
            log_level="critical",  # streams cut on purpose are no news
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=1,
        )
    )


def _listen(port: int) -> socket.socket:
    """A socket that queues connections from now on."""
    try:
        return socket.create_server((_HOST, port))
    except OSError as error:
        raise OSError(
            error.errno, f"the simulator cannot listen on port {port}; free it or choose another"
        ) from error
