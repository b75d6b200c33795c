import csv
import io
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pyarrow import parquet

from monitor.domain.calls import Attribution
from monitor.domain.outcomes import Outcome
from monitor.domain.usage import Usage, UsageState
from monitor.storage.engine import Database
from tests.cli.conftest import Command
from tests.making import ENDPOINT, OTHER, open_database, probe, record, request

NASTY = "=1+1 <script>alert(1)</script>"
DAY_S = 86_400
USED = Usage(input=1_000, output=100)
COST_USD = Decimal("0.0035")


pytestmark = pytest.mark.usefixtures("ledger")


@pytest.fixture
def ledger(home: Path) -> Iterator[Database]:
    """Calls of two teams in March 2026 at UTC, of which some cannot be priced, and an outage."""
    (home / "inferwatch.yaml").write_text("zone: UTC\n")
    with closing(open_database(home)) as database:
        made = [
            request(
                day * DAY_S + number,
                usage=USED,
                usage_state=UsageState.MEASURED,
                attribution=Attribution(team),
                endpoint=endpoint,
            )
            for day in range(3)
            for number, (team, endpoint) in enumerate(
                ((NASTY, ENDPOINT.id), ("blue", ENDPOINT.id), ("blue", OTHER.id))
            )
        ]
        failing = [probe(DAY_S + 300 * n, Outcome.SERVER_ERROR) for n in range(5)]
        record(database, sorted([*made, *failing], key=lambda each: each.ended_ms))
        yield database


def test_a_month_is_told_in_one_page_that_needs_nothing_else(
    home: Path, inferwatch: Command
) -> None:
    told = inferwatch("report", "--month", "2026-03")
    text = (home / "report-2026-03.html").read_text()

    assert told.out == "Wrote report-2026-03.html: March 2026.\n"
    assert "$0.02 spent on 9\u00a0calls; 1\u00a0outage." in text
    assert "=1+1 &lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script" not in text
    assert not any(word in text for word in ("http:", "https:", "src=", "@import"))
    assert f"{ENDPOINT.id}: server error" in text
    assert "3 calls have no price" in text


def test_the_same_is_a_pdf(home: Path, inferwatch: Command) -> None:
    assert inferwatch("report", "march.pdf", "--month", "2026-03").code == 0

    made = (home / "march.pdf").read_bytes()
    assert made.startswith(b"%PDF-")
    assert len(made) > 5_000


def test_a_month_without_a_call_says_so(home: Path, inferwatch: Command) -> None:
    inferwatch("report", "empty.html", "--month", "2026-01")

    assert "No team call in this month." in (home / "empty.html").read_text()


def test_charges_have_the_columns_of_focus(home: Path, inferwatch: Command) -> None:
    told = inferwatch("export", "--month", "2026-03")
    rows = list(csv.DictReader(io.StringIO((home / "focus-2026-03.csv").read_text())))

    assert told.out == "Wrote focus-2026-03.csv: 9 rows, days of UTC.\n"
    assert sum(Decimal(row["BilledCost"]) for row in rows) == 6 * COST_USD
    assert rows[0]["ChargePeriodStart"] == "2026-03-02T00:00:00Z"
    assert {row["ResourceId"] for row in rows} == {ENDPOINT.id, OTHER.id}
    unknown = [row["x_CallsOfUnknownCost"] for row in rows if row["ResourceId"] == OTHER.id]
    assert unknown == ["1"] * 3
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())


def test_parquet_has_the_same_rows_with_types(home: Path, inferwatch: Command) -> None:
    inferwatch("export", "march.parquet", "--month", "2026-03")
    table = parquet.read_table(home / "march.parquet").to_pydict()

    assert sum(table["BilledCost"]) == 6 * COST_USD
    assert table["ChargePeriodEnd"][0].isoformat() == "2026-03-03T00:00:00+00:00"
    assert sum(table["x_Input"]) == 9 * USED.input
    assert set(table["ChargeClass"]) == {None}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("report", "--month", "2026-13"), "'2026-13' is no month; write it like 2026-10"),
        (("report", "--month", "2999-01"), "--month 2999-01 has not begun"),
        (("report", "out.doc"), "out.doc has to end in .html or .pdf"),
        (("export", "out.xlsx"), "out.xlsx has to end in .csv or .parquet"),
        (("export", "nowhere/out.csv"), "cannot write nowhere/out.csv: No such file"),
        (("report", "inferwatch.yaml"), "inferwatch.yaml is there already; add --force"),
    ],
)
def test_what_cannot_be_is_refused_with_a_remedy(
    inferwatch: Command, given: tuple[str, ...], said: str
) -> None:
    refused = inferwatch(*given)

    assert refused.code in {1, 2}
    assert said in refused.err


def test_the_last_complete_month_is_meant_where_none_is_named(
    home: Path, inferwatch: Command
) -> None:
    inferwatch("export")

    last = datetime.now(UTC).replace(day=1) - timedelta(days=1)
    assert [each.name for each in home.glob("focus-*")] == [f"focus-{last:%Y-%m}.csv"]
