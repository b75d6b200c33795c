from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from monitor.simulator import faults
from monitor.simulator.attempts import VERDICTS, Record
from monitor.simulator.catalogue import DEMO, DEMO_MODELS
from monitor.simulator.faults import SCRIPT, FaultKind
from monitor.simulator.history import generate
from monitor.simulator.pace import DAY_MS, HOUR_MS
from monitor.simulator.span import Span

END_MS = 1_795_000_000_000
DAYS = 28
REGULAR = {300, 1800}
GOOD = {"ok", "wrong_answer"}


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return list(generate(END_MS, DAYS))


def select(records: list[Record], kind: str) -> list[Record]:
    return [record for record in records if record.who.kind == kind]


def test_the_same_seed_and_end_give_the_same_calls() -> None:
    first, second, other = (list(generate(END_MS, 2, seed)) for seed in (1, 1, 2))

    assert first == second
    assert first != other


def test_calls_come_in_the_order_of_their_ends_and_within_the_span(records: list[Record]) -> None:
    ends = [record.ended_ms for record in records]

    assert ends == sorted(ends)
    assert all(r.started_ms >= END_MS - DAYS * DAY_MS for r in records)
    assert ends[-1] <= END_MS


def test_every_model_is_probed_every_five_minutes_and_before_two_weeks_every_half_hour(
    records: list[Record],
) -> None:
    probes = Counter(record.model for record in select(records, "infer"))
    watched = (DAYS - 14) * 48 + 14 * 288 - 7 * 12

    assert probes["aurora-small"] == pytest.approx(watched, rel=0.02)
    assert probes.keys() == {model.name for model in DEMO_MODELS}


def test_the_probes_of_a_model_never_overlap(records: list[Record]) -> None:
    by_model = defaultdict(list)
    for record in select(records, "infer"):
        by_model[record.model].append(record)

    assert all(a.ended_ms < b.started_ms for row in by_model.values() for a, b in pairwise(row))


def test_the_first_failure_is_confirmed_3_and_22_seconds_later(records: list[Record]) -> None:
    probes = [r for r in select(records, "infer") if r.model == "boreal-lite"]
    at = next(i for i, probe in enumerate(probes) if probe.outcome == "timeout_first_token")
    waits_s = [(b.started_ms - a.ended_ms) / 1000 for a, b in pairwise(probes[at : at + 3])]

    assert waits_s == pytest.approx([3, 22], rel=0.21)
    assert [p.gap_s for p in probes[at : at + 2]] == pytest.approx(waits_s, abs=0.001)
    assert probes[at + 2].gap_s in REGULAR


def test_a_rate_limit_is_confirmed_once_and_no_sooner_than_the_provider_says(
    records: list[Record],
) -> None:
    by_model = [[r for r in select(records, "infer") if r.model == m.name] for m in DEMO_MODELS]
    pairs = [pair for probes in by_model for pair in pairwise(probes)]
    firsts = [(a, b) for a, b in pairs if a.outcome == "rate_limited" and a.gap_s not in REGULAR]

    assert {first.gap_s for first, _ in firsts} == {20}
    assert all(second.gap_s in REGULAR for _, second in firsts if second.outcome != "ok")


def test_a_failed_check_of_the_provider_has_all_its_models_probed_at_once(
    records: list[Record],
) -> None:
    check = next(r for r in select(records, "reach") if r.outcome == "overloaded")
    later = [r for r in select(records, "infer") if r.started_ms > check.ended_ms]
    waits_s = [
        next(r.started_ms for r in later if r.model == name) - check.ended_ms
        for name in ("aurora-large", "aurora-small")
    ]

    assert waits_s == pytest.approx([3000, 3000], abs=1)


def test_a_call_under_way_at_the_end_is_not_told() -> None:
    hang = next(episode for episode in SCRIPT["borealis"] if episode.kind is FaultKind.HANG)
    start_ms = next(w[0] for day in range(20_700, 20_720) if (w := hang.window_ms(day)))
    ends = [start_ms + 6 * 60_000 + step * 45_000 for step in range(6)]

    assert all(r.ended_ms <= end_ms for end_ms in ends for r in generate(end_ms, 1))


def test_failures_are_those_of_the_script(records: list[Record]) -> None:
    failed = [r for r in records if r.outcome not in GOOD and r.http_status != 400]
    scripted = [faults.at(r.provider, r.model, r.started_ms) for r in failed]

    assert failed
    assert [VERDICTS[f.kind].outcome for f in scripted if f] == [r.outcome for r in failed]


def test_reachability_is_told_only_where_it_failed(records: list[Record]) -> None:
    checks = select(records, "reach")

    assert {check.provider for check in checks} == set(DEMO) - {"borealis"}
    assert all(check.outcome not in GOOD and check.model is None for check in checks)


def test_nothing_was_recorded_while_the_monitor_was_off(records: list[Record]) -> None:
    off_ms = Span(END_MS - DAYS * DAY_MS, END_MS).off_from_ms
    starts = [r.started_ms for r in records]
    longest_ms = max(b - a for a, b in pairwise(sorted(starts)))

    assert not any(off_ms <= start < off_ms + 7 * HOUR_MS for start in starts)
    assert longest_ms == pytest.approx(7 * HOUR_MS, rel=0.02)


def test_the_preview_model_is_known_for_twenty_days(records: list[Record]) -> None:
    first = next(r.started_ms for r in records if r.model == "cirrus-preview")

    assert (END_MS - first) / DAY_MS == pytest.approx(20, abs=0.01)


def test_times_of_a_call_are_in_their_order(records: list[Record]) -> None:
    told = [r for r in records if r.ttft_s is not None and r.first_byte_s is not None]

    assert all((r.connect_s or 0) + (r.tls_s or 0) <= (r.first_byte_s or 0) for r in told)
    assert all((r.first_byte_s or 0) < (r.ttft_s or 0) < r.total_s for r in told)


def test_tokens_of_a_call_lie_inside_each_other(records: list[Record]) -> None:
    told = [r for r in records if r.prompt_tokens is not None]

    assert all((r.cached_tokens or 0) <= (r.prompt_tokens or 0) for r in told)
    assert all((r.reasoning_tokens or 0) < (r.completion_tokens or 0) for r in told)
    assert sum(bool(r.cached_tokens) for r in told) > 1000


def test_four_teams_make_hundreds_of_calls_a_day(records: list[Record]) -> None:
    calls = select(records, "request")

    assert len({call.who.team for call in calls}) == 4
    assert 150 < len(calls) / DAYS < 1000


def test_one_or_two_in_a_hundred_team_calls_lack_usage(records: list[Record]) -> None:
    done = [r for r in select(records, "request") if r.outcome == "ok"]
    share = sum(r.prompt_tokens is None for r in done) / len(done)

    assert 0.01 < share < 0.02


def test_teams_rest_at_night_and_at_weekends(records: list[Record]) -> None:
    calls = [r for r in select(records, "request") if r.who.app == "code-review"]
    days = Counter((r.started_ms // DAY_MS + 3) % 7 for r in calls)
    hours = Counter(r.started_ms % DAY_MS // HOUR_MS for r in calls)

    assert days[5] + days[6] < days[2] / 2
    assert hours[13] > 5 * (hours[1] + 1)


def test_a_growing_app_grows(records: list[Record]) -> None:
    starts = [r.started_ms for r in records if r.who.app == "answers"]
    middle_ms = END_MS - DAYS * DAY_MS // 2

    assert sum(s >= middle_ms for s in starts) > 1.2 * sum(s < middle_ms for s in starts)


def test_a_teams_call_knows_when_the_next_probe_is_due(records: list[Record]) -> None:
    turn_ms = END_MS - 14 * DAY_MS
    calls = select(records, "request")

    assert {r.gap_s for r in calls if r.started_ms < turn_ms} == {1800.0}
    assert {r.gap_s for r in calls if r.started_ms >= turn_ms} == {300.0}
