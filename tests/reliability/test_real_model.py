"""A real model is watched by `inferwatch up`, and what we say of it is held against others' word.

The story is told once, by fixtures that hang on each other; each test looks at one part of it.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from monitor.domain.health import State
from monitor.storage.queries.calls import CallFull
from tests.browser.site import Site, Visit, visit
from tests.reliability import story
from tests.reliability.installation import Installation, run_installation
from tests.reliability.model_server import MODEL, TokenCounts
from tests.reliability.provider import RealProvider, find_first_token
from tests.reliability.story import Survived, Told, Watched, is_good, probes

pytestmark = [
    pytest.mark.model,
    pytest.mark.browser,
    pytest.mark.slow,
    # Whoever comes first waits for the story up to there.
    pytest.mark.timeout(480),
]

ENDPOINT = f"local/{MODEL}"
#: USD per million tokens: a token costs 100, 50 or 200 nano-dollars.
SETTINGS = """
zone: Asia/Kathmandu
providers:
  local:
    base_url: {base_url}
    reach_interval: 15s
    models:
      - name: {model}
        interval: 2s
        allow_fast: true
        performance: false  # a thousand tokens keep the one thread from the story
        price: {{input: 0.1, cache_read: 0.05, output: 0.2}}
"""


@pytest.fixture(scope="module")
def provider() -> Iterator[RealProvider]:
    provider = RealProvider()
    provider.start()
    try:
        yield provider
    finally:
        provider.stop()


@pytest.fixture(scope="module")
def installation(
    provider: RealProvider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    settings = SETTINGS.format(base_url=provider.base_url, model=MODEL)
    with run_installation(tmp_path_factory.mktemp("installation"), settings) as installation:
        yield installation


@pytest.fixture(scope="module")
def reader(browser: Browser, installation: Installation) -> Iterator[Visit]:
    """Who has the overview open all the time, and never reloads it."""
    with visit(browser, Site(installation.dashboard_url)) as reader:
        story.open_overview(reader)
        yield reader


@pytest.fixture(scope="module")
def watched(provider: RealProvider, installation: Installation, reader: Visit) -> Watched:
    return story.watch(provider, installation, reader)


@pytest.fixture(scope="module")
def lost(
    watched: Watched, provider: RealProvider, installation: Installation, reader: Visit
) -> Told:
    assert watched.chats
    return story.lose(provider, installation, reader)


@pytest.fixture(scope="module")
def model_page(lost: Told, reader: Visit) -> str:
    assert lost.incidents
    return story.look_at_model(reader)


@pytest.fixture(scope="module")
def found(
    model_page: str, provider: RealProvider, installation: Installation, reader: Visit
) -> Told:
    assert model_page
    return story.find_again(provider, installation, reader)


@pytest.fixture(scope="module")
def survived(found: Told, provider: RealProvider, installation: Installation) -> Survived:
    assert found.incidents
    return story.survive(provider, installation)


@pytest.fixture(scope="module")
def exit_code(survived: Survived, installation: Installation) -> int:
    assert survived.after
    return installation.stop()


def find_token_ns(call: CallFull) -> int:
    """When we saw the first token, on the relay's clock."""
    assert call.line.ttft_s is not None
    return call.line.started_ms * 1_000_000 + round(call.line.ttft_s * 1e9)


def test_the_ledger_counts_the_tokens_that_the_server_counts(watched: Watched) -> None:
    leaves = [call.usage for call in probes(watched.calls) if call.usage is not None]
    ours = sum(each.input for each in leaves), sum(each.output + each.reasoning for each in leaves)

    assert len(leaves) == len(watched.chats)
    assert TokenCounts(*ours) == watched.counts


def test_a_call_costs_what_its_tokens_cost(watched: Watched) -> None:
    leaves = [call.usage for call in probes(watched.calls) if call.usage is not None]
    costs = [100 * each.input + 50 * each.cache_read + 200 * each.output for each in leaves]

    assert [call.line.cost_nano_usd for call in probes(watched.calls)] == costs
    assert all(costs)


def test_every_ttft_lies_between_the_first_byte_and_the_last_event(watched: Watched) -> None:
    for call, chat in zip(probes(watched.calls), watched.chats, strict=True):
        token_ns = find_token_ns(call)

        assert call.line.started_ms * 1_000_000 <= chat.request[0].at_ns
        assert chat.response[0].at_ns <= token_ns <= chat.list_events()[-1].at_ns


def test_a_ttft_is_that_of_the_first_token_and_not_of_the_first_byte(watched: Watched) -> None:
    for call, chat in zip(probes(watched.calls), watched.chats, strict=True):
        since_byte_ns = find_token_ns(call) - chat.response[0].at_ns
        since_token_ns = find_token_ns(call) - find_first_token(chat).at_ns

        assert abs(since_token_ns) < abs(since_byte_ns)


def test_stopping_the_server_opens_one_incident_at_the_first_failing_call(lost: Told) -> None:
    failing = [call.line for call in lost.calls if not is_good(call)]
    good = [call.line for call in lost.calls if is_good(call)]
    [incident] = lost.incidents

    assert incident.started_ms == failing[0].started_ms
    assert incident.started_ms >= max(lost.at_ms, good[-1].ended_ms)


def test_an_outage_stands_in_state_incident_and_outbox(lost: Told) -> None:
    [incident] = lost.incidents

    assert (lost.state, incident.is_open, lost.outbox) == (State.DOWN, True, ["opened"])


def test_a_stopped_server_is_told_as_a_refused_connection(lost: Told) -> None:
    outcomes = [call.line.outcome.value for call in lost.calls if not is_good(call)]

    assert outcomes == ["tcp_refused"] * len(outcomes)
    assert len(outcomes) >= 3


def test_the_open_page_shows_the_outage_without_a_reload(lost: Told) -> None:
    [shown] = lost.listed

    assert lost.is_same_page
    assert (ENDPOINT in shown, "tcp refused" in shown) == (True, True)


def test_the_models_page_shows_speed_with_its_number_of_calls(lost: Told, model_page: str) -> None:
    count = sum(is_good(call) for call in probes(lost.calls))
    speeds = model_page.partition("settings")[2]  # what follows the price and its source

    # first token; tokens per second are for performance probes to tell
    assert speeds.count(f"· n {count} ") == 1


def test_the_models_page_shows_state_and_price(model_page: str) -> None:
    assert ("Down since" in model_page, "$0.10 / $0.20 / $0.05" in model_page) == (True, True)


def test_starting_the_server_again_closes_the_incident_at_the_first_good_call(found: Told) -> None:
    [incident] = found.incidents
    good = [call.line for call in probes(found.calls) if is_good(call)]
    first, second = [line for line in good if line.started_ms >= incident.started_ms][:2]

    assert first.started_ms >= found.at_ms
    assert (incident.ended_ms, incident.closed_ms) == (first.ended_ms, second.ended_ms)


def test_the_end_of_an_outage_stands_in_state_and_outbox(found: Told) -> None:
    assert (found.state, found.outbox) == (State.UP, ["opened", "closed"])


def test_the_open_page_shows_the_end_of_the_outage_without_a_reload(found: Told) -> None:
    assert found.is_same_page
    assert (found.headline, found.listed) == (story.UP, [])


def test_a_killed_monitor_is_started_again_and_has_lost_nothing(survived: Survived) -> None:
    killed, next_one = survived.writers

    assert killed != next_one
    assert [call for call in survived.before if call not in survived.after] == []


def test_doctor_finds_that_the_sums_agree_after_all_this(survived: Survived) -> None:
    assert "all sums agree with the calls" in survived.examination
    assert "fail" not in survived.examination


def test_up_ends_in_time_when_it_is_told_to(exit_code: int) -> None:
    assert exit_code == 0
