"""Ports: ours or taken, and what to do then."""

import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from monitor.cli.refusal import Refusal
from monitor.runtime.supervisor import REFUSED

HOST = "127.0.0.1"
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 -- only where the settings say so


def listen(port: int, key: str, host: str = HOST) -> socket.socket:
    """A listening socket on an address, on loopback unless another is given.

    Raises Refusal where the port is taken; `key` is its name under `ports` in the settings.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server(
            (host, port), family=family, dualstack_ipv6=host == "::" and socket.has_dualstack_ipv6()
        )
        # Connections inherit it; without it an answer's body waits 40 ms for its head's receipt.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            text = (
                f"{host} is no address of this machine; mend `monitor: {{host: …}}` in the settings"
            )
            raise Refusal(text, REFUSED) from error
        reason = "is taken" if error.errno == errno.EADDRINUSE else f"is refused ({error.strerror})"
        raise Refusal(
            f"port {port} on {host} {reason}, so the {key} cannot start; see by `inferwatch "
            f"doctor` whether one runs already, else stop the program that has the port, or set "
            f"another one in the settings: `ports: {{{key}: …}}`",
            REFUSED,
        ) from error
    return listener


@contextmanager
def listening(host: str, port: int, key: str) -> Iterator[list[socket.socket]]:
    """Sockets on an address, and on loopback, where our own commands ask. As `listen`."""
    hosts = [host] if host in {HOST, *_EVERYWHERE} else [HOST, host]
    with ExitStack() as opened:
        yield [opened.enter_context(listen(port, key, each)) for each in hosts]


def demand_free(port: int, key: str) -> None:
    """Raise Refusal where a port is taken, for a server that opens it by itself."""
    listen(port, key).close()
