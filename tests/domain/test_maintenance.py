from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.maintenance import Maintenance, amend, cut, join, subtract
from monitor.domain.windows import Window

PAST = Maintenance("past", Window(0, 100))
RUNNING = Maintenance("running", Window(400, 600))
COMING = Maintenance("coming", Window(900, 1000))
NOW_MS = 500

WINDOWS = st.lists(st.builds(Window, st.integers(0, 40), st.integers(0, 40)), max_size=6)


def instants(windows: tuple[Window, ...] | list[Window]) -> set[int]:
    return {ms for each in windows for ms in range(each.from_ms, each.to_ms)}


def test_what_is_over_stays_though_the_list_is_tidied() -> None:
    assert amend([PAST], [], NOW_MS) == (PAST,)


def test_a_running_window_that_is_no_longer_named_ends_now() -> None:
    assert amend([RUNNING], [], NOW_MS) == (Maintenance("running", Window(400, 500)),)


def test_a_coming_window_that_is_no_longer_named_is_gone() -> None:
    assert amend([COMING], [], NOW_MS) == ()


def test_a_window_named_again_holds_as_it_says_now_for_the_past_too() -> None:
    corrected = Maintenance("past", Window(50, 100))

    assert amend([PAST], [corrected], NOW_MS) == (corrected,)


@given(WINDOWS)
def test_joined_windows_are_apart_in_order_and_hold_the_same_time(windows: list[Window]) -> None:
    joined = join(windows)

    assert instants(joined) == instants(windows)
    assert all(a.to_ms < b.from_ms for a, b in pairwise(joined))


@given(WINDOWS, st.integers(0, 40), st.integers(1, 40))
def test_the_parts_of_a_span_tile_it_and_know_where_they_lie(
    windows: list[Window], from_ms: int, length_ms: int
) -> None:
    span, held = Window(from_ms, from_ms + length_ms), join(windows)
    parts = list(cut(span, held))

    edges = [span.from_ms, *(part.to_ms for part, _ in parts)]
    assert [(p.from_ms, p.to_ms) for p, _ in parts] == list(pairwise(edges))
    inside = instants([part for part, is_held in parts if is_held])
    assert inside == instants([span]) & instants(held)


@given(WINDOWS, WINDOWS)
def test_what_is_left_of_windows_lies_outside(windows: list[Window], held: list[Window]) -> None:
    left = subtract(join(windows), join(held))

    assert instants(left) == instants(windows) - instants(held)
