"""Incidents: what transitions of an endpoint, or of our own network, become."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from monitor.domain import accounts
from monitor.domain.alerts import severity_of
from monitor.domain.health import Closed, Opened, Policy, Transition, Unobserved, fails
from monitor.domain.outcomes import RULINGS, Blame, Result
from monitor.domain.rules import RuleName
from monitor.services.reference import Reference
from monitor.storage import incidents
from monitor.storage.calls import Written
from monitor.storage.engine import Session
from monitor.storage.incidents import Confirming, Opening


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
                self._open(RuleName.DOWN, started_ms, confirmed_ms)
            case Closed():
                self._close(RuleName.DOWN, transition)
            case Unobserved():
                incidents.mark_unobserved(self.session, self.endpoint_id, transition.since_ms)
            case _:
                assert_never(transition)

    def tell_of_account(self, transition: accounts.Refused | Closed) -> None:
        """Open or close the incident of our account there."""
        match transition:
            case accounts.Refused():
                self._open(RuleName.ACCOUNT, transition.started_ms, transition.confirmed_ms)
            case Closed():
                self._close(RuleName.ACCOUNT, transition)
            case _:
                assert_never(transition)

    def _open(self, name: RuleName, started_ms: int, confirmed_ms: int) -> None:
        call_id, outcome = self._confirming(name, confirmed_ms)
        reference, number = self.reference, self.endpoint_id
        rule = reference.rules[name]
        opening = Opening(
            number,
            name,
            str(number),
            rule.severity or severity_of(outcome),
            started_ms,
            confirmed_ms,
            reference.rule.version,
            outcome,
            call_id,
        )
        is_told = rule.tells_of(reference.providers[number], reference.slugs[number])
        incidents.open_incident(self.session, opening, is_told=is_told)

    def _close(self, name: RuleName, closing: Closed) -> None:
        incidents.close_incident(self.session, name, str(self.endpoint_id), closing)

    def _confirming(self, name: RuleName, confirmed_ms: int) -> Confirming:
        blamed = {outcome for outcome in RULINGS if self._is_blamed(outcome, name)}
        for number, entry in self.calls:
            call = entry.call
            if call.ended_ms == confirmed_ms and call.outcome in blamed:
                return Confirming(number, call.outcome)
        # A minute of traffic speaks when the next one begins: its calls may be written already.
        return incidents.find_confirming(self.session, self.endpoint_id, confirmed_ms, blamed)

    def _is_blamed(self, outcome: Result, name: RuleName) -> bool:
        if name is RuleName.ACCOUNT:
            return RULINGS[outcome].blame is Blame.ACCOUNT
        is_strict = self.reference.rule.openrouter_strict
        return fails(outcome, Policy.PROVIDER, is_strict=is_strict)
