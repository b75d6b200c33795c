"""A thousand random schedules of outages, broken channels and killed monitors."""

from collections.abc import Iterator
from random import Random

import pytest

from monitor.settings.model import Settings
from monitor.storage.engine import Database
from tests import making
from tests.databases import kept_by
from tests.monitors import make_settings
from tests.runtime.judgement import judge, read
from tests.runtime.worlds import Universe, endpoints_of, forget, make_world
from tests.servers import Server

WORLDS, SEEDS = 50, 20
_WATCHED = [each for number in range(WORLDS) for each in endpoints_of(number)]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_settings(tmp_path_factory.mktemp("settings"), "http://127.0.0.1:1")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = making.open_database(tmp_path_factory.mktemp("worlds"), _WATCHED, priced={})
    yield database
    database.close()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_nothing_is_lost_doubled_or_told_out_of_order(
    database: Database, settings: Settings, seed: int
) -> None:
    worlds = [make_world(number, seed * WORLDS + number) for number in range(WORLDS)]
    universe = Universe(database, worlds, Random(seed), settings)
    universe.run()
    book = read(database)
    forget(database)

    assert [wrong for world in worlds for wrong in judge(world, book)] == []
    assert universe.deaths


def test_two_monitors_of_one_server_do_not_both_deliver(
    server: Server, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    worlds = [make_world(number, number) for number in range(WORLDS // 5)]
    with kept_by(server):
        database = making.open_database(tmp_path_factory.mktemp("both"), _WATCHED, priced={})
        universe = Universe(database, worlds, Random(0), settings, couriers=2)
        universe.run()
        book = read(database)
        database.close()

    assert [wrong for world in worlds for wrong in judge(world, book)] == []
    assert universe.deaths
