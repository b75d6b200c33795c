"""Connect: a TCP connection and a TLS handshake, nothing said, to see whether a host answers."""

import asyncio
import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import certifi


@dataclass(frozen=True, slots=True)
class Host:
    """Where to connect to, and whether with TLS."""

    name: str
    port: int
    is_tls: bool = True

    def __str__(self) -> str:
        return f"{self.name}:{self.port}"


def host_of(url: str) -> Host:
    """The host of a base URL; raises ValueError where it names none."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError(f"URL {url!r} names no host; write it as https://host/path")
    is_tls = parts.scheme != "http"
    return Host(parts.hostname, parts.port or (443 if is_tls else 80), is_tls)


def make_tls_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """The system's trust, and what is in `ca_file`. Costs 50 ms: make one and share it.

    A machine without roots of its own (python.org's macOS builds, slim containers) gets
    certifi's, which httpx brings along.
    """
    context = ssl.create_default_context()
    if not _has_system_roots():
        context.load_verify_locations(certifi.where())
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


async def is_answering(host: Host, tls: ssl.SSLContext, timeout_s: float) -> bool:
    """Whether a connection (with a verified certificate, if TLS) comes about in time."""
    try:
        async with asyncio.timeout(timeout_s):
            _, writer = await asyncio.open_connection(
                host.name, host.port, ssl=tls if host.is_tls else None
            )
    except (OSError, UnicodeError):
        return False
    writer.transport.abort()
    return True


def _has_system_roots() -> bool:
    paths = ssl.get_default_verify_paths()
    return bool(paths.cafile) or bool(paths.capath and os.listdir(paths.capath))  # noqa: PTH208
