"""What is stored is tried on SQLite and on a real PostgreSQL, all of it."""

from collections.abc import Iterator

import pytest

from tests.databases import Keeper, keep


@pytest.fixture(scope="package", params=list(Keeper), autouse=True)
def keeper(request: pytest.FixtureRequest) -> Iterator[Keeper]:
    """Every test below runs on each."""
    yield from keep(request)
