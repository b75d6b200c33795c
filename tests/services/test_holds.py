from dataclasses import replace

from monitor.domain.calls import Call, Detail
from monitor.domain.outcomes import Outcome
from monitor.services.holds import Holds
from tests.making import ENDPOINT, MONDAY_MS, OTHER, TARGET, probe


def asking(outcome: Outcome) -> Call:
    return replace(probe(0, outcome), ended_ms=MONDAY_MS, detail=Detail(retry_after_s=60.0))


def test_a_rate_limit_holds_all_of_a_target_and_an_overload_one_endpoint() -> None:
    limited, overloaded = Holds(), Holds()
    limited.take(ENDPOINT.id, TARGET, asking(Outcome.RATE_LIMITED))
    overloaded.take(ENDPOINT.id, TARGET, asking(Outcome.OVERLOADED))

    assert limited.wait_s(OTHER.id, TARGET, MONDAY_MS) == 60.0
    assert overloaded.wait_s(OTHER.id, TARGET, MONDAY_MS) == 0.0


def test_who_takes_over_heeds_what_was_asked_for_before_and_what_is_remembered() -> None:
    going_on, remembered = Holds(), Holds()
    remembered.take(ENDPOINT.id, TARGET, asking(Outcome.OVERLOADED))
    going_on.take(OTHER.id, TARGET, asking(Outcome.OVERLOADED))
    going_on.follow(remembered)

    assert {going_on.wait_s(e.id, TARGET, MONDAY_MS) for e in (ENDPOINT, OTHER)} == {60.0}
