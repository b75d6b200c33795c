"""Incidents: what transitions of an endpoint, or of our own network, become."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from monitor.domain import accounts
from monitor.domain.health import Closed, Opened, Policy, Transition, Unobserved, fails
from monitor.domain.outcomes import RULINGS, Blame, Result
from monitor.services.reference import Reference
from monitor.storage import incidents
from monitor.storage.calls import Written
from monitor.storage.engine import Session
from monitor.storage.incidents import Confirming, IncidentKind, Opening


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the transitions of one endpoint, which `calls` brought about, become incidents."""

    session: Session
    endpoint_id: int
    calls: Sequence[Written]
    reference: Reference

    def tell(self, transition: Transition) -> None:
        """Open, close or mark the incident of its availability."""
        match transition:
            case Opened(started_ms, confirmed_ms):
                self._open(IncidentKind.AVAILABILITY, started_ms, confirmed_ms)
            case Closed():
                self._close(IncidentKind.AVAILABILITY, transition)
            case Unobserved():
                incidents.mark_unobserved(self.session, self.endpoint_id, transition.since_ms)
            case _:
                assert_never(transition)

    def tell_of_account(self, transition: accounts.Refused | Closed) -> None:
        """Open or close the incident of our account there."""
        match transition:
            case accounts.Refused():
                self._open(IncidentKind.ACCOUNT, transition.started_ms, transition.confirmed_ms)
            case Closed():
                self._close(IncidentKind.ACCOUNT, transition)
            case _:
                assert_never(transition)

    def _open(self, kind: IncidentKind, started_ms: int, confirmed_ms: int) -> None:
        call_id, outcome = self._confirming(kind, confirmed_ms)
        opening = Opening(
            self.endpoint_id,
            kind,
            outcome,
            started_ms,
            confirmed_ms,
            rule_version=self.reference.rule.version,
            call_id=call_id,
        )
        incidents.open_incident(self.session, opening)

    def _close(self, kind: IncidentKind, closing: Closed) -> None:
        incidents.close_incident(self.session, self.endpoint_id, kind, closing)

    def _confirming(self, kind: IncidentKind, confirmed_ms: int) -> Confirming:
        blamed = {outcome for outcome in RULINGS if self._is_blamed(outcome, kind)}
        for number, entry in self.calls:
            call = entry.call
            if call.ended_ms == confirmed_ms and call.outcome in blamed:
                return Confirming(number, call.outcome)
        # A minute of traffic speaks when the next one begins: its calls may be written already.
        return incidents.find_confirming(self.session, self.endpoint_id, confirmed_ms, blamed)

    def _is_blamed(self, outcome: Result, kind: IncidentKind) -> bool:
        match kind:
            case IncidentKind.AVAILABILITY:
                is_strict = self.reference.rule.openrouter_strict
                return fails(outcome, Policy.PROVIDER, is_strict=is_strict)
            case IncidentKind.ACCOUNT:
                return RULINGS[outcome].blame is Blame.ACCOUNT
            case IncidentKind.MONITOR:
                return False
            case _:
                assert_never(kind)
