"""The simulated past of a demo, over some days of it."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from monitor.cli import demo
from monitor.cli.past import load_history
from monitor.cli.starting import has_history
from monitor.domain.dimensions import Dimension
from monitor.domain.usage import Usage
from monitor.domain.windows import Window
from monitor.settings.draft import render
from monitor.settings.load import load
from monitor.settings.model import Settings
from monitor.simulator.history import generate
from monitor.storage import facts
from monitor.storage.engine import Database
from monitor.storage.queries import usage
from monitor.storage.queries.owners import ALL, Audience
from tests import making

DAYS = 2
EVER = Window(0, 10**14)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("demo")
    making.open_database(folder, watched=(), priced={}).close()
    (folder / "inferwatch.yaml").write_text(render(demo.draft("UTC")))
    settings = load(folder / "inferwatch.yaml")
    load_history(settings, DAYS)
    return settings


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    with closing(Database(settings.database_url)) as database:
        yield database


def count(database: Database, audience: Audience = Audience.EVERYONE) -> tuple[int, int]:
    """How many calls, and what they cost."""
    with database.reading() as session:
        sums = usage.totals(session, EVER, facts.home_zone(session), audience=audience)[ALL]
    return sums.n, sums.cost_nano_usd


def read_until_ms(database: Database) -> int:
    with database.reading() as session:
        return int(facts.read(session, facts.DEMO_LOADED) or 0)


def test_the_past_is_there_once_it_is_loaded(settings: Settings) -> None:
    assert has_history(settings)


def test_every_simulated_call_to_a_model_is_in_the_ledger(database: Database) -> None:
    told = [r for r in generate(read_until_ms(database), DAYS) if r.model is not None]

    assert count(database)[0] == len(told)


def test_a_past_loaded_again_changes_nothing(settings: Settings, database: Database) -> None:
    before = count(database)
    load_history(settings, DAYS)

    assert count(database) == before


def test_teams_and_probes_are_both_in_it(database: Database) -> None:
    with database.reading() as session:
        assert usage.has_team_calls(session)
    assert 0 < count(database, Audience.PROBES)[0] < count(database)[0]


def test_cache_and_reasoning_are_leaves_beside_input_and_output(database: Database) -> None:
    told = [r for r in generate(read_until_ms(database), DAYS) if r.prompt_tokens is not None]
    with database.reading() as session:
        sums = usage.totals(session, EVER, facts.home_zone(session))[ALL]

    assert sums.leaves == Usage(
        input=sum((r.prompt_tokens or 0) - (r.cached_tokens or 0) for r in told),
        cache_read=sum(r.cached_tokens or 0 for r in told),
        output=sum((r.completion_tokens or 0) - (r.reasoning_tokens or 0) for r in told),
        reasoning=sum(r.reasoning_tokens or 0 for r in told),
    )


def test_users_tags_and_an_app_that_moved_are_in_it(settings: Settings, database: Database) -> None:
    with database.reading() as session:
        home = facts.home_zone(session)
        found = {
            by: usage.totals(session, EVER, home, by=by, audience=Audience.TEAM)
            for by in (Dimension.USER, Dimension.TAG, Dimension.APP)
        }

    assert len(found[Dimension.USER]) > 20
    assert {"", "stage=canary", "stage=stable"} <= found[Dimension.TAG].keys()
    [app] = settings.apps
    assert app.app in found[Dimension.APP]
    assert not {*app.aliases} & found[Dimension.APP].keys()
