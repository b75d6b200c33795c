"""Silences on both databases: from an outage that is held to the summary of what came and went."""

from pathlib import Path

from monitor.domain.alerts import AlertKind, Telling
from monitor.domain.silences import Scope
from monitor.storage import silences as rows
from tests.making import ENDPOINT, OTHER, open_database
from tests.services.test_deliveries import plan, send_all
from tests.services.test_silences import at_ms, befall, declare, silence, unsilence


def test_silences_hold_and_tell_afterwards(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    [number] = silence(database, Scope(endpoint=ENDPOINT.id), 0, 9000)
    silence(database, Scope(kind=AlertKind.AVAILABILITY), 0, 3000)
    declare(database, 3500, 4000)
    befall(database, 100, 200)
    befall(database, 1000, 1200, OTHER.id)
    plan(database, 3000)
    alone = send_all(database, 3000)
    befall(database, 3600, 3700, OTHER.id)
    unsilence(database, number, 5000)
    plan(database, 5000)
    with database.reading() as session:
        newest = rows.newest(session, 5)
        holding, since = rows.holding(session), rows.since(session, at_ms(4000))

    assert alone == [("hook", Telling.CLOSED)], "of the other, which nothing holds any more"
    assert send_all(database, 5001) == [("hook", Telling.CLOSED)]
    assert (holding, [each.scope for each in since]) == ({}, [Scope(endpoint=ENDPOINT.id)])
    assert [each.by for each in newest.values()] == ["alice", "alice"]
    database.close()
