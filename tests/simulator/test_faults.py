import itertools
from datetime import date

import pytest

from monitor.simulator import faults
from monitor.simulator.attempts import VERDICTS
from monitor.simulator.catalogue import MODELS, PROVIDERS
from monitor.simulator.faults import SCRIPT, Episode, FaultKind
from monitor.simulator.flavours.openai_errors import reject
from monitor.simulator.pace import DAY_MS
from monitor.simulator.refusals import REFUSALS, refuse_fault

EPISODES = [(name, episode) for name, episodes in SCRIPT.items() for episode in episodes]
FIRST_DAY = 20_700
DAYS = range(FIRST_DAY, FIRST_DAY + 60)


def list_windows(episode: Episode) -> list[tuple[int, int]]:
    return [window for day in DAYS if (window := episode.window_ms(day))]


def test_every_provider_has_a_script_and_every_episode_a_model_of_it() -> None:
    names = {(model.provider, model.name) for model in MODELS}

    assert SCRIPT.keys() == PROVIDERS.keys()
    assert {(name, ep.model) for name, ep in EPISODES if ep.model} <= names


@pytest.mark.parametrize(("name", "episode"), EPISODES)
def test_an_episode_lies_within_one_day_and_comes_back(name: str, episode: Episode) -> None:
    windows = list_windows(episode)

    assert len(windows) > 1, name
    assert all(start // DAY_MS == (end - 1) // DAY_MS for start, end in windows)


@pytest.mark.parametrize(("name", "episode"), EPISODES)
def test_the_share_of_calls_that_an_episode_says_fail(name: str, episode: Episode) -> None:
    model = episode.model or next(m.name for m in MODELS if m.provider == name)
    start_ms, end_ms = list_windows(episode)[0]
    instants = range(start_ms, end_ms, (end_ms - start_ms) // 2000)
    found = [faults.at(name, model, instant_ms) for instant_ms in instants]
    share = sum(fault is not None and fault.kind is episode.kind for fault in found) / len(found)

    assert share == pytest.approx(episode.share, abs=0.05)


@pytest.mark.parametrize(("name", "episode"), EPISODES)
def test_only_an_edge_episode_hits_the_list_of_models(name: str, episode: Episode) -> None:
    start_ms, _ = list_windows(episode)[0]
    fault = faults.at(name, None, start_ms)

    assert (fault is not None and fault.kind is episode.kind) == episode.is_edge


def test_the_script_is_the_same_however_often_it_is_read() -> None:
    instants = range(FIRST_DAY * DAY_MS, (FIRST_DAY + 2) * DAY_MS, 77_000)
    first, second = (
        [faults.at(m.provider, m.name, t) for m, t in itertools.product(MODELS, instants)]
        for _ in range(2)
    )

    assert first == second
    assert any(first)


def test_workday_episodes_rest_on_saturday_and_sunday() -> None:
    episode = Episode(FaultKind.SLOW, 0, 1, workdays_only=True)
    saturday = date(2026, 9, 12).toordinal() - date(1970, 1, 1).toordinal()

    assert [bool(episode.window_ms(saturday + i)) for i in range(7)] == [False] * 2 + [True] * 5


def test_every_kind_of_fault_has_a_verdict_with_the_status_that_is_sent() -> None:
    sent = {kind: reject(refuse_fault(kind), PROVIDERS["aurora"]).status for kind in REFUSALS}

    assert VERDICTS.keys() == set(FaultKind)
    assert {kind: VERDICTS[kind].http_status for kind in sent} == sent
