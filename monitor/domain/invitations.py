"""Invitations: a link in a message, by which whoever gets it says that he is at an incident.

It is good for one incident, on one channel, until it expires, and says so by HMAC-SHA256 under a
key of the installation. The start of the incident is signed, too, and not in the link: so one of
another ledger, where the number means something else, is none here.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote

from monitor.domain.windows import DAY_MS

#: How long a link is good for.
GOOD_MS = 7 * DAY_MS
PREFIX = "/acknowledge/"


@dataclass(frozen=True, slots=True)
class Invitation:
    """To acknowledge an incident that started then; `channel` is whom the message was sent to."""

    incident_id: int
    started_ms: int
    channel: str
    expires_s: int

    def is_over(self, now_ms: int) -> bool:
        """Whether it is good no longer."""
        return now_ms >= self.expires_s * 1000


def invite(incident_id: int, started_ms: int, channel: str, now_ms: int) -> Invitation:
    """An invitation that is good from now on."""
    return Invitation(incident_id, started_ms, channel, (now_ms + GOOD_MS) // 1000)


def path(invitation: Invitation, key: bytes) -> str:
    """The path of its link."""
    channel = quote(invitation.channel, safe="")
    signature = sign(invitation, key)
    return f"{PREFIX}{invitation.incident_id}/{invitation.expires_s}/{channel}/{signature}"


def sign(invitation: Invitation, key: bytes) -> str:
    """Its signature, as a path can hold it."""
    i = invitation
    said = f"acknowledge\n{i.incident_id}\n{i.started_ms}\n{i.expires_s}\n{i.channel}"
    digest = hmac.new(key, said.encode(), sha256).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def is_genuine(invitation: Invitation, signature: str, key: bytes) -> bool:
    """Whether it was signed here."""
    return hmac.compare_digest(sign(invitation, key).encode(), signature.encode())
