from monitor.runtime.pulse import Pulse


def test_nothing_is_known_of_starts_before_the_first() -> None:
    assert Pulse().start_lag_p99_s is None


def test_the_start_lag_is_exceeded_by_one_job_in_a_hundred() -> None:
    pulse = Pulse()
    for hundredth in range(100):
        pulse.note_start(hundredth / 100)

    assert pulse.start_lag_p99_s == 0.98


def test_only_the_last_2000_starts_count() -> None:
    pulse = Pulse()
    for late_s in [9.0] * 50 + [0.0] * 2_000:
        pulse.note_start(late_s)

    assert pulse.start_lag_p99_s == 0.0
