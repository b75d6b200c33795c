import json

import pytest

from tests.cli.conftest import Command

SHORT = ("rehearse", "--endpoints", "1", "--months", "1")


def test_the_figures_of_every_share_are_told_to_scripts(inferwatch: Command) -> None:
    told = inferwatch(*SHORT, "--json")
    found = json.loads(told.out)

    assert told.code == 0
    assert set(found["outages"]) == {"1", "0.6", "0.3", "0.1"}
    assert found["outages"]["1"]["ours"]["detected"] == 1.0


def test_tables_are_told_to_people(inferwatch: Command) -> None:
    told = inferwatch(*SHORT, "--inference-only")

    assert "outages of inference alone" in told.out
    assert "Seen within" in told.out


def test_a_longer_interval_costs_less_and_sees_later(inferwatch: Command) -> None:
    apart = ("rehearse", "--endpoints", "1", "--months", "4", "--inference-only", "--json")
    often, seldom = (
        json.loads(inferwatch(*apart, "--interval", each).out) for each in ("2m", "10m")
    )

    assert seldom["paid_probes_per_day"] < often["paid_probes_per_day"] / 3
    assert seldom["outages"]["1"]["ours"]["median_s"] > often["outages"]["1"]["ours"]["median_s"]


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--interval", "soon", "--interval 'soon' is no duration; write a number with a unit"),
        ("--interval", "5s", "--interval '5s' is below 15 s; raise it"),
        ("--window", "6/3", "--window '6/3' is no window; write it like 3/6, or 0 for none"),
    ],
)
def test_a_rule_that_is_none_is_refused(
    inferwatch: Command, option: str, value: str, says: str
) -> None:
    told = inferwatch(*SHORT, option, value)

    assert told.code == 2
    assert says in told.err
