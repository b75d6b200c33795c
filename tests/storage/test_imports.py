"""How far a file was read goes only forwards, whoever notes it."""

from pathlib import Path

from monitor.domain.imports import Position
from monitor.storage import imports
from tests.making import open_database

DIGEST = bytes(range(16))


def test_a_position_goes_only_forwards(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    first = Position(DIGEST, "calls.csv", 2_000, 1, is_whole=False)
    for reached in (first, first._replace(rows=5_000, bad=2), first):
        with database.writing() as session:
            imports.note(session, reached, 0)
    with database.reading() as session:
        found = imports.position(session, DIGEST)
        other = imports.position(session, b"another file")
    database.close()

    assert (found, other) == (first._replace(rows=5_000, bad=2), None)
