"""Whom an alert affects: who called its endpoints in the last days, probes apart."""

from pathlib import Path

from monitor.domain.alerts import Telling
from monitor.domain.calls import NOBODY, Attribution
from monitor.domain.routes import Alerting, Route
from monitor.domain.windows import DAY_MS, day_of
from monitor.services import alerts
from monitor.storage import facts, matters
from tests.alerting import hook, outage
from tests.making import ENDPOINT, MONDAY_MS, OTHER, open_database, probe, record, request
from tests.services.test_deliveries import send_all

SEARCH, ADS = (Attribution(*(name, *NOBODY[1:])) for name in ("search", "ads"))


def test_an_alert_goes_to_the_teams_that_call_what_it_befalls(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    record(database, [request(10, attribution=SEARCH), probe(20, attribution=ADS)])
    record(database, [request(30, endpoint=OTHER.id, attribution=ADS)])
    routes = tuple(Route((name,), teams=frozenset({name})) for name in ("search", "ads"))
    named = tuple(hook("https://example.com/a", name) for name in ("search", "ads"))
    record(database, outage(100))
    with database.writing() as session:
        alerts.plan(session, Alerting(named, routes), MONDAY_MS + 142_000)
    with database.reading() as session:
        today = day_of(MONDAY_MS, facts.home_zone(session))
        later = day_of(MONDAY_MS + DAY_MS, facts.home_zone(session))
        asked = [matters.teams_of(session, [ENDPOINT.id], day) for day in (today, later)]
        models = matters.models_of(session, [ENDPOINT.id])

    assert asked == [frozenset({"search"}), frozenset()]
    assert models == {ENDPOINT.model}
    assert send_all(database, 150) == [("search", Telling.OPENED)]
    database.close()
