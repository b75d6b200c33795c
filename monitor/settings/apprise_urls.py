"""Apprise URLs: which services a channel may name, opened without sending anything.

Apprise is imported by whoever names one: it takes half a second and 25 MB.
"""

import logging
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from apprise import AppriseAsset, NotifyBase

#: They show something on this machine's own screen, write to its log, or keep keys in its files.
_LOCAL = frozenset(
    "blink1 dbus gio glib gnome kde macosx qt syslog vapid windows".split()  # noqa: SIM905 -- names
)
#: They make a service read a file or fetch a URL, now or when something is sent.
_READING = frozenset(
    "attach file_url filename keyfile pgp pgpprv pgppub subfile wkd".split()  # noqa: SIM905
)
#: Of these services a template is a file, of all others a name.
_READING_TEMPLATES = frozenset("discord guilded slack tgram workflow workflows".split())  # noqa: SIM905


def check(url: str) -> None:
    """Raise ValueError("problem; remedy") where a channel may not name this URL."""
    schema = url.partition("://")[0].lower()
    if schema in _LOCAL:
        raise ValueError(f"leads to {schema}, which works on this machine alone; name a service")
    named = {name.lstrip("+-:").lower() for name, _ in parse_qsl(url.partition("?")[2], True)}  # noqa: FBT003
    forbidden = _READING | ({"template"} if schema in _READING_TEMPLATES else set())
    if named & forbidden:
        found = ", ".join(sorted(named & forbidden))
        raise ValueError(f"makes Apprise read files ({found}); remove that from the URL")
    open_service(url)


def open_service(url: str) -> "NotifyBase":
    """The service of a URL; nothing is sent. Raises ValueError("problem; remedy")."""
    from apprise import Apprise
    from apprise.manager_plugins import NotificationManager

    _hush()
    known = NotificationManager()  # type: ignore[no-untyped-call]
    schema = url.partition("://")[0].lower()
    if schema not in known or known[schema].category != "native":
        raise ValueError("names no service that Apprise knows; write it like ntfy://host/topic")
    if not known[schema].enabled:
        raise ValueError(f"needs what Apprise's {schema} needs; install that, or name another")
    service = Apprise.instantiate(url, asset=_asset())
    if service is None:
        raise ValueError(
            f"is no URL of Apprise's {schema}; look up how it is written under "
            "https://appriseit.com/services/"
        )
    return service


@cache
def _asset() -> "AppriseAsset":
    """Apprise as it behaves here: it keeps and generates no files, and follows no redirects."""
    from apprise import AppriseAsset

    return AppriseAsset(
        storage_mode="memory",
        service_timeout=0,
        allow_templates=False,
        image_path_mask=False,
        app_id="inferwatch",
        app_desc="inferwatch",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        interpret_emojis=False,
        pgp_autogen=False,
        pem_autogen=False,
        http_redirects=False,
    )


@cache
def _hush() -> None:
    """Its own log lines show parts of URLs; what a service says is told by whoever sends."""
    log = logging.getLogger("apprise")
    log.propagate = False
    log.addHandler(logging.NullHandler())
