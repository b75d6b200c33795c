from monitor.simulator.catalogue import MODELS
from monitor.simulator.pace import HOUR_MS, plan

MODEL = MODELS[0]
NIGHT_MS, AFTERNOON_MS = 3 * HOUR_MS, 14 * HOUR_MS


def test_a_median_answer_at_night_has_the_pace_of_the_catalogue() -> None:
    rhythm = plan(MODEL, NIGHT_MS, (0.0, 0.0))

    assert MODEL.pace.ttft_s <= rhythm.ttft_s < 1.01 * MODEL.pace.ttft_s
    assert 0.99 * MODEL.pace.tokens_per_s < rhythm.tokens_per_s <= MODEL.pace.tokens_per_s


def test_the_afternoon_is_slower_than_the_night() -> None:
    night, afternoon = (plan(MODEL, at_ms, (0.0, 0.0)) for at_ms in (NIGHT_MS, AFTERNOON_MS))

    assert afternoon.ttft_s > 1.2 * night.ttft_s
    assert afternoon.tokens_per_s < night.tokens_per_s / 1.2


def test_a_slowdown_multiplies_the_time_to_the_first_token() -> None:
    usual, slow = (plan(MODEL, NIGHT_MS, (0.5, 0.5), factor) for factor in (1.0, 6.0))

    assert round(slow.ttft_s / usual.ttft_s, 6) == 6
