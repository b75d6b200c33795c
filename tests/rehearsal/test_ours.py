from dataclasses import replace

from monitor.domain.cadence import CadenceRules
from monitor.rehearsal.ours import OurRules, watch
from monitor.rehearsal.scenario import DAY_MS, Event, Kind, Scenario, Trouble

QUIET = Scenario(endpoints=1, months=1, blip_share=0.0, kinds=())
RULES = OurRules()


def meet(*events: Event, scenario: Scenario = QUIET, rules: OurRules = RULES) -> list[int]:
    return watch(scenario, 0, events, rules).down_ms


def outage(share: float, lasts_ms: int = 3_600_000) -> Event:
    return Event(DAY_MS, DAY_MS + lasts_ms, Trouble.OUTAGE, share)


def test_a_quiet_month_raises_nothing_and_costs_what_the_interval_says() -> None:
    seen = watch(QUIET, 0, [], RULES)

    assert (seen.down_ms, seen.slow_ms) == ([], [])
    assert 0.96 <= seen.paid / (30 * 288) <= 1.0


def test_a_hard_outage_is_down_within_a_reach_interval_and_two_confirmations() -> None:
    [down_ms] = meet(outage(1.0))

    assert 20_000 <= down_ms - DAY_MS <= 60_000 + 35_000


def test_an_outage_of_inference_alone_waits_for_a_paid_probe() -> None:
    apart = replace(QUIET, is_whole_api=False)
    [down_ms] = meet(outage(1.0), scenario=apart)

    assert 20_000 <= down_ms - DAY_MS <= 315_000 + 35_000


def test_a_burst_of_20_s_is_a_blip() -> None:
    bursts = [
        Event(at, at + 20_000, Trouble.BURST, 1.0) for at in range(DAY_MS, 29 * DAY_MS, DAY_MS)
    ]

    assert meet(*bursts) == []


def test_our_own_network_and_rate_limits_are_no_outage() -> None:
    ours = Event(DAY_MS, DAY_MS + 3_600_000, Trouble.OWN_NETWORK, 1.0)
    storm = Event(2 * DAY_MS, 2 * DAY_MS + 3_600_000, Trouble.RATE_LIMIT_STORM, 1.0)

    assert meet(ours, storm) == []


def test_a_slow_down_is_seen_as_degraded_and_not_as_down() -> None:
    slow = Event(DAY_MS, DAY_MS + 7_200_000, Trouble.SLOW_DOWN, 1.0)
    seen = watch(QUIET, 0, [slow], RULES)

    assert (seen.down_ms, len(seen.slow_ms)) == ([], 1)
    assert seen.slow_ms[0] < slow.to_ms


def test_slower_confirmation_is_slower_to_open() -> None:
    patient = OurRules(cadence=CadenceRules(later_confirmation_s=120))
    apart = replace(QUIET, is_whole_api=False)
    soon, late = (meet(outage(1.0), scenario=apart, rules=each)[0] for each in (RULES, patient))

    assert late > soon + 60_000


def test_a_rehearsal_can_be_repeated() -> None:
    partial = Scenario(endpoints=1, months=1, kinds=(Kind(Trouble.OUTAGE, 4, 600, 3_600, 0.6),))
    events = partial.events(0)

    assert meet(*events, scenario=partial) == meet(*events, scenario=partial) != []
