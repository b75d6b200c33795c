"""Ports: ours or taken, and what to do then."""

import errno
import socket

from monitor.cli.refusal import Refusal
from monitor.runtime.supervisor import REFUSED

HOST = "127.0.0.1"


def listen(port: int, key: str) -> socket.socket:
    """A listening socket on loopback.

    Raises Refusal where the port is taken; `key` is its name under `ports` in the settings.
    """
    try:
        listener = socket.create_server((HOST, port))
        # Connections inherit it; without it an answer's body waits 40 ms for its head's receipt.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        reason = "is taken" if error.errno == errno.EADDRINUSE else f"is refused ({error.strerror})"
        raise Refusal(
            f"port {port} on {HOST} {reason}, so the {key} cannot start; see by `inferwatch "
            f"doctor` whether one runs already, else stop the program that has the port, or set "
            f"another one in the settings: `ports: {{{key}: …}}`",
            REFUSED,
        ) from error
    return listener


def demand_free(port: int, key: str) -> None:
    """Raise Refusal where a port is taken, for a server that opens it by itself."""
    listen(port, key).close()
