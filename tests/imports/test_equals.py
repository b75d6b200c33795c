from collections import Counter
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from monitor.imports.equals import Equals


@given(st.lists(st.integers(0, 60), max_size=300))
def test_rows_are_numbered_among_equals_however_little_is_remembered(rows: list[int]) -> None:
    seen: Counter[int] = Counter()

    with closing(Equals(at_once=7, bits=8)) as equals:
        for row in rows:
            assert equals.number(str(row)) == seen[row]
            seen[row] += 1
