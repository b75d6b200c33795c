from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.damage_words import lines, sentence
from monitor.domain.damages import (
    SOON_MS,
    Damage,
    Gone,
    Known,
    Made,
    ProbeDamage,
    TeamDamage,
    follow_ups,
    usual_pace,
)
from monitor.domain.windows import DAY_MS, HOUR_MS, Window

NOTHING = Damage(Window(0, 1), (), Known(), 0, ProbeDamage(Known(), 0))


def test_the_next_call_of_the_same_people_may_be_a_retry() -> None:
    made = [Made(1, 100, 7), Made(1, 90, 5), Made(2, 95, 9), Made(1, 40, 3)]

    assert follow_ups([Gone(1, 50)], made) == Known(1, 0, 5)


def test_a_call_is_the_retry_of_one_at_most() -> None:
    failed = [Gone(1, 50), Gone(1, 60), Gone(1, 70)]

    assert follow_ups(failed, [Made(1, 65, None), Made(1, 80, 4)]) == Known(2, 1, 4)


def test_after_a_minute_nobody_retries() -> None:
    made = [Made(1, 50 + SOON_MS, 4)]

    assert follow_ups([Gone(1, 50)], made) == Known()
    assert follow_ups([Gone(1, 51)], made) == Known(1, 0, 4)


@given(
    st.lists(st.integers(0, 5 * SOON_MS), max_size=12),
    st.lists(st.integers(0, 6 * SOON_MS), max_size=12),
)
def test_no_choice_of_pairs_gives_more(ends: list[int], starts: list[int]) -> None:
    found = follow_ups([Gone(1, e) for e in ends], [Made(1, s, 1) for s in starts])

    assert found.calls == most_pairs(sorted(ends), sorted(starts))


def most_pairs(ends: list[int], starts: list[int]) -> int:
    """The size of a maximum matching, by augmenting paths."""
    taken: dict[int, int] = {}

    def place(end: int, seen: set[int]) -> bool:
        for n, start in enumerate(starts):
            if n in seen or not ends[end] <= start < ends[end] + SOON_MS:
                continue
            seen.add(n)
            if n not in taken or place(taken[n], seen):
                taken[n] = end
                return True
        return False

    return sum(place(end, set()) for end in range(len(ends)))


def test_probes_above_their_pace_are_never_below_nothing() -> None:
    assert usual_pace(2_400, HOUR_MS) == 100
    assert usual_pace(None, HOUR_MS) is None
    assert ProbeDamage(Known(3, 0, 150), 100).above_nano_usd == 50
    assert ProbeDamage(Known(3, 0, 50), 100).above_nano_usd == 0
    assert ProbeDamage(Known(3, 0, 50), None).above_nano_usd is None
    assert usual_pace(1, DAY_MS - 1) == 0


def test_in_words_unknown_is_not_nothing() -> None:
    teams = (
        TeamDamage("search", Known(3, 1, 2_000_000_000), 4_500),
        TeamDamage("", Known(2, 2, 0), 0),
    )
    damage = Damage(Window(0, 1), teams, None, 2, ProbeDamage(Known(9, 0, 3_000_000), None))
    said = dict(lines(damage))

    assert said["Failed calls of teams"] == (
        "5 failed calls $2.00 (and 3 of unknown cost), 4,500 tokens"
    )
    assert said["search"] == "3 failed calls $2.00 (and 1 of unknown cost), 4,500 tokens"
    assert said["no team told"] == "2 failed calls of unknown cost"
    assert said["Retries"].startswith("not known")
    assert "usual pace is not known" in said["Our probes"]
    assert sentence(damage) == "Cost: 5 failed calls $2.00 (and 3 of unknown cost)."


def test_on_one_line_only_what_cost_something_is_said() -> None:
    probes = ProbeDamage(Known(9, 0, 3_000_000), 1_000_000)
    damage = Damage(Window(0, 1), (), Known(2, 1, 5_000_000), 0, probes)

    assert sentence(NOTHING) == ""
    assert sentence(damage) == "Cost: retries at most $0.005; probes $0.002 above usual."
    assert dict(lines(damage))["Our probes"] == "$0.003, $0.002 above their usual pace"
