from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from monitor.storage.queries.owners import Owner
from monitor.storage.queries.ranking import by_calls, by_money, by_tokens, rank
from monitor.storage.queries.totals import Totals, add_up

SIZES = st.integers(0, 9)
FOUND = st.dictionaries(
    st.text("abc", max_size=3),
    st.builds(Totals, n=SIZES, input=SIZES, output=SIZES, cost_nano_usd=SIZES),
)


@given(found=FOUND, most=st.integers(0, 9), size=st.sampled_from([by_tokens, by_calls, by_money]))
def test_the_first_and_the_rest_are_all(
    found: dict[Owner, Totals], most: int, size: Callable[[Totals], int]
) -> None:
    ranked = rank(found, most, size)

    assert ranked.whole == add_up(found.values())
    assert len(ranked.first) + ranked.n_rest == len(found)
    sizes = [size(each) for each in ranked.first.values()]
    assert sizes == sorted(map(size, found.values()), reverse=True)[:most]


def test_of_equals_the_one_with_more_calls_comes_first_then_the_name() -> None:
    found: dict[Owner, Totals] = {
        "b": Totals(n=1, input=5),
        "a": Totals(n=1, input=5),
        "c": Totals(n=2, input=5),
    }

    assert [*rank(found, 3).first] == ["c", "a", "b"]
