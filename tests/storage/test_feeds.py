"""How sources of prices went, kept and replaced."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.feeds import Feed, FeedKind
from monitor.storage import feeds
from monitor.storage.engine import Database
from monitor.storage.feeds import Asked
from tests import databases

FEED = Feed("mirror", FeedKind.LITELLM, "https://x.example.com/a.json")
ASKED = Asked(FEED, 5, 5, 4, '"v1"', None, 3, ("a remark",))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(databases.make(tmp_path))
    yield opened
    opened.close()


def test_the_last_word_on_a_feed_is_kept_and_those_no_longer_named_are_dropped(
    database: Database,
) -> None:
    failed = replace(ASKED, tried_ms=9, error="no JSON")
    other = replace(ASKED, feed=replace(FEED, name="other"))
    with database.writing() as session:
        for each in (ASKED, other, failed):
            feeds.put(session, each)
        assert feeds.every(session) == [failed, other]
        feeds.forget_all_but(session, ["mirror"])
    with database.reading() as session:
        assert feeds.every(session) == [failed]
