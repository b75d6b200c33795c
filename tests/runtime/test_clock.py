from monitor.runtime.clock import Clock

S = 1_000_000_000


def clock(*readings: tuple[int, int]) -> Clock:
    """A clock whose wall and monotonic sources answer these seconds, the last for ever."""
    walls = [w for w, _ in readings]
    monotonics = [m for _, m in readings]

    def source(values: list[int]) -> int:
        return (values.pop(0) if len(values) > 1 else values[0]) * S

    return Clock(lambda: source(walls), lambda: source(monotonics))


def test_time_goes_on_while_the_wall_clock_is_set_back() -> None:
    it = clock((1_000, 10), (400, 20))

    assert it.now_ms() == 1_010_000
    assert it.behind_s == 610


def test_time_follows_a_wall_clock_set_forward() -> None:
    it = clock((1_000, 10), (5_000, 20))

    assert it.now_ms() == 5_000_000
    assert it.behind_s == 0
