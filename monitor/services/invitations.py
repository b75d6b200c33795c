"""Invitations: made for a message of an alert, and looked at when somebody opens one."""

from typing import NamedTuple

from monitor.domain import invitations
from monitor.domain.invitations import Invitation
from monitor.services import histories
from monitor.services.acknowledgements import UnknownIncident, find, is_over
from monitor.services.histories import History
from monitor.storage import acknowledgements as rows
from monitor.storage import facts
from monitor.storage.engine import Session
from monitor.storage.queries import alerts


class NotGenuine(LookupError):
    """A link that was not signed here, or not for this incident."""


class Opened(NamedTuple):
    """A link as it was given; everything in it may be made up."""

    incident_id: int
    expires_s: int
    channel: str
    signature: str


class Invited(NamedTuple):
    """A link that is genuine: its invitation, what is known of the incident, and is it over."""

    invitation: Invitation
    history: History
    is_over: bool


class Inviter(NamedTuple):
    """What links for the messages of an alert are made of: its first incident, and our key."""

    incident_id: int
    started_ms: int
    key: str

    def path(self, channel: str, now_ms: int) -> str:
        """The path of a link for a message to a channel."""
        invitation = invitations.invite(self.incident_id, self.started_ms, channel, now_ms)
        return invitations.path(invitation, bytes.fromhex(self.key))


def inviter(session: Session, alert_id: int) -> Inviter | None:
    """Who makes the links of an alert; `None` where somebody is at it already."""
    told = alerts.members(session, alert_id)
    key = facts.read(session, facts.LINK_KEY)
    if not told or key is None or rows.of_alerts(session, [alert_id]):
        return None
    return Inviter(told[0].id, told[0].started_ms, key)


def look_at(session: Session, opened: Opened) -> Invited:
    """What a link is about. Raises NotGenuine."""
    key = facts.read(session, facts.LINK_KEY)
    try:
        incident = find(session, opened.incident_id)
    except UnknownIncident as error:
        raise NotGenuine("this link is of another installation, or of an older ledger") from error
    number, expires_s, channel, signature = opened
    invitation = Invitation(number, incident.started_ms, channel, expires_s)
    if key is None or not invitations.is_genuine(invitation, signature, bytes.fromhex(key)):
        raise NotGenuine("this link was not made here, or it was changed on its way")
    history = histories.read(session, number)
    return Invited(invitation, history, is_over(session, incident))
