"""Cells in every unit, and those that are refused."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.imports import targets
from monitor.imports.targets import NAMES, Dialect

BERLIN = Dialect(ZoneInfo("Europe/Berlin"))
NOON = 1_772_449_200_000  # 2026-03-02 12:00 in Berlin


def read(name: str, cell: str, dialect: Dialect = BERLIN) -> Any:  # noqa: ANN401 - any field's value
    return targets.find(name, dialect).read(cell)


@pytest.mark.parametrize(
    ("name", "cell", "value"),
    [
        ("started", "2026-03-02 12:00:00", NOON),
        ("started", "2026-03-02T11:00:00Z", NOON),
        ("started", "2026-03-02T13:00:00.000+02:00", NOON),
        ("started", "2026-03-02 11:00:00 UTC", NOON),
        ("started", "2026-03-02 11:00:00 +0000", NOON),
        ("started", "2026-03-02T11:00:00.123456789Z", NOON + 123),
        ("started", "1772449200", NOON),
        ("started", "1772449200.25", NOON + 250),
        ("started", "1772449200000", NOON),
        ("started", "1772449200000000", NOON),
        ("started", "1772449200000000000", NOON),
        ("started_s", "1772449200.5", NOON + 500),
        ("started_us", "1772449200000999", NOON),
        ("ended_ns", "1772449200000000000", NOON),
        ("started", "2026-10-25 02:30:00", 1_792_888_200_000),  # the first of two
        ("total_ms", "1420", 1.42),
        ("ttft_s", "0.25", 0.25),
        ("input_all", "1200.0", 1_200),
        ("cost_usd", "$0.0012", "0.001200000"),
        ("cost_cents", "0.12", "0.001200000"),
        ("cost_micro_usd", "1200", "0.001200000"),
        ("cost_nano_usd", "1200000", "0.001200000"),
        ("cost_usd", "1e-5", "0.000010000"),
        ("is_reused", "Yes", True),
        ("outcome", "Success", "ok"),
        ("outcome", "failed", "unknown"),
        ("team", '="0012"', "0012"),
        ("url", "https://me:secret@API.example/v1/?key=1", "https://api.example/v1"),
        ("usage_reported", '{"prompt_tokens": 3}', {"prompt_tokens": 3}),
        ("tags", '{"a": 1, "b": null}', {"a": "1"}),
        ("tags", "beta, eu", {"beta": "yes", "eu": "yes"}),
    ],
)
def test_a_cell_is_read_in_its_unit(name: str, cell: str, value: object) -> None:
    assert read(name, cell) == value


@pytest.mark.parametrize(
    ("name", "cell", "says"),
    [
        ("started", "2026-03-02", "no time of day"),
        ("started", "20260302", "before 2001"),
        ("started", "yesterday at noon", "no time in ISO 8601"),
        ("started", "2026-03-29 02:30:00", "leapt over"),
        ("started_ms", "soon", "soon"),
        ("input", "-1", "below zero"),
        ("input", "1.5", "no whole number"),
        ("input", "=1+2", "no whole number"),
        ("input", "1" * 40, "too large"),
        ("input", "١٢", "no whole number"),
        ("input", "1_000", "no whole number"),
        ("input", "12\0", "no whole number"),
        ("total_s", "inf", "no duration"),
        ("total_s", "-1", "no duration"),
        ("cost_usd", "NaNo", "no amount"),
        ("cost_usd", "-0.1", "no amount"),
        ("cost_usd", "1,5", "no amount"),
        ("is_reused", "maybe", "neither true nor false"),
        ("url", "ftp://x", "http"),
        ("usage_reported", "[1]", "no object"),
    ],
)
def test_a_cell_that_cannot_be_meant_says_why(name: str, cell: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read(name, cell)


def test_a_comma_may_be_the_decimal_point() -> None:
    assert read("cost_usd", "1.234,5", BERLIN._replace(has_comma=True)) == "1234.500000000"


def test_times_may_be_written_in_any_way_that_is_said() -> None:
    dialect = BERLIN._replace(time_format="%d.%m.%Y %H:%M")

    assert read("started", "02.03.2026 12:00", dialect) == NOON


def test_every_name_of_a_target_means_something() -> None:
    assert all(targets.find(name, BERLIN) for name in (*NAMES, "tags.x", "usage_reported.x.y"))
