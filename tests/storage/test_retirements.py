from contextlib import closing
from datetime import date
from pathlib import Path

from monitor.domain.retirements import SETTINGS, Retirement
from monitor.storage import retirements
from tests.making import open_database

DAY = date(2027, 1, 14).toordinal()


def test_a_source_says_anew_all_that_it_says(tmp_path: Path) -> None:
    with closing(open_database(tmp_path)) as database, database.writing() as session:
        retirements.state(session, "litellm", {1: DAY, 2: DAY}, 0)
        retirements.state(session, "litellm", {2: DAY + 1}, 1)

        assert retirements.every(session) == {2: Retirement(2, DAY + 1, "litellm")}


def test_what_a_source_that_is_gone_said_is_forgotten_and_the_settings_stand(
    tmp_path: Path,
) -> None:
    with closing(open_database(tmp_path)) as database, database.writing() as session:
        for source in ("litellm", "mine", SETTINGS):
            retirements.state(session, source, {1: DAY}, 0)
        retirements.forget_all_but(session, ["mine"])
        retirements.state(session, SETTINGS, {}, 1)

        assert retirements.every(session, [1, 2]) == {1: Retirement(1, DAY, "mine")}
