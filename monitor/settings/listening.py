"""Listening: where the monitor's API is heard beyond this machine, and by which names."""

import re
from ipaddress import ip_address
from typing import Annotated

from pydantic import AfterValidator, Field

from monitor.settings.base import Shape, Text

_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_-]+(\.[a-z0-9_-]+)*")


def is_beyond(host: str) -> bool:
    """Whether other machines can reach what listens on an address."""
    return not ip_address(host).is_loopback


def _read_host(value: str) -> str:
    try:
        return str(ip_address(value.strip("[]")))
    except ValueError:
        raise ValueError(
            "is no address to listen on; write one of this machine's, or 0.0.0.0 for all of them"
        ) from None


def _read_allowed(value: str) -> str:
    name = value.lower().strip("[]").rstrip(".")
    try:
        return str(ip_address(name))
    except ValueError:
        pass
    if not _NAME.fullmatch(name):
        raise ValueError("is no name of a host; write it without scheme, port and *: watch.lan")
    return name


Host = Annotated[Text, AfterValidator(_read_host)]
Allowed = Annotated[Text, AfterValidator(_read_allowed)]


class MonitorShape(Shape):
    """Who may tell the monitor of calls from other machines; without it, nobody."""

    host: Host = Field(
        "127.0.0.1", description="Address that its API listens on; 0.0.0.0 is every one."
    )
    allowed_hosts: tuple[Allowed, ...] = Field(
        (), description="Names and addresses by which other machines ask it, without port."
    )

    @property
    def fault(self) -> str | None:
        """What is wrong between the two."""
        if is_beyond(self.host) and not self.allowed_hosts:
            return (
                f"other machines reach {self.host}, and whatever they ask is refused, since "
                "allowed_hosts names nothing; add the names by which they ask, or leave host out"
            )
        return None
