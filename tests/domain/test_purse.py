"""The purse under every order in which probes may begin and end."""

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.plan import Budgets
from monitor.domain.purse import Hold, Money, Purse

BUDGETS = Budgets(1_000, {"a": 400})


@dataclass
class Day:
    """Probes of a day: each costs at most what was held for it, known once it has ended."""

    purse: Purse = field(default_factory=lambda: Purse(BUDGETS))
    running: list[Hold] = field(default_factory=list)
    spent: Counter[str] = field(default_factory=Counter)

    def begin(self, hold: Hold) -> None:
        if self.purse.take(hold, Money(self.spent.total(), self.spent)):
            self.running.append(hold)

    def end(self, which: int, share: float) -> None:
        if self.running:
            hold = self.running.pop(which % len(self.running))
            self.spent[hold.provider] += int(hold.most_nano_usd * share)
            self.purse.lay_down(hold)

    def end_all(self) -> None:
        while self.running:
            self.end(0, 1.0)


begins = st.builds(Hold, st.sampled_from("ab"), st.integers(0, 500))
ends = st.tuples(st.integers(0, 20), st.floats(0, 1))


@given(st.lists(begins | ends, max_size=60))
def test_no_order_of_probes_overruns_a_budget(steps: list[Hold | tuple[int, float]]) -> None:
    day = Day()
    for step in steps:
        if isinstance(step, Hold):
            day.begin(step)
        else:
            day.end(*step)
    day.end_all()

    assert day.spent.total() <= BUDGETS.total
    assert day.spent["a"] <= BUDGETS.of("a")


def test_what_is_in_flight_counts_as_spent() -> None:
    purse = Purse(BUDGETS)

    assert [purse.take(Hold("b", 400), Money()) for _ in range(3)] == [True, True, False]


def test_what_is_laid_down_may_be_taken_again() -> None:
    purse, hold = Purse(BUDGETS), Hold("a", 400)
    purse.take(hold, Money())
    purse.lay_down(hold)

    assert purse.take(Hold("a", 400), Money())


def test_money_kept_back_is_not_for_extra_probes() -> None:
    spent, kept_back = Money(300, {"b": 300}), Money(600, {"b": 600})

    assert not Purse(BUDGETS).take(Hold("b", 200), spent, kept_back)
    assert Purse(BUDGETS).take(Hold("b", 100), spent, kept_back)


def test_what_somebody_insists_on_is_counted_for_the_others() -> None:
    purse = Purse(BUDGETS)
    purse.insist(Hold("b", 5_000))

    assert not purse.take(Hold("b", 1), Money())


def test_a_free_probe_needs_no_money() -> None:
    assert Purse(Budgets(0)).take(Hold("a", 0), Money())
