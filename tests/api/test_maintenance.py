"""Windows of maintenance by the monitor's API, over a real monitor."""

from http import HTTPStatus
from pathlib import Path

import pytest

from tests.api.test_silences import ask
from tests.monitors import SMALL

LATER = {"from": "2099-01-01T00:00:00Z", "until": "2099-01-01T02:00:00Z", "by": "alice"}
NOW = {"until": "2099-01-01T02:00:00Z", "by": "alice"}
ENDING = {"id": 1, "by": "bob"}


def test_a_window_is_declared_listed_and_ended(tmp_path: Path) -> None:
    made, ended, again = ask(
        tmp_path,
        ("/v1/maintenance", NOW | {"endpoint": SMALL, "reason": "new disks"}),
        ("/v1/maintenance/endings", ENDING),
        ("/v1/maintenance/endings", {"id": 7, "by": "bob"}),
    )
    [told] = made[1]

    assert (made[0], told["source"], told["by"]) == (HTTPStatus.CREATED, "people", "alice")
    assert told["reason"] == "new disks"
    assert ended == (HTTPStatus.OK, [])
    assert (again[0], "no window has the number 7" in again[1]["error"]) == (404, True)


@pytest.mark.parametrize(
    ("body", "code", "why"),
    [
        (LATER, 422, "name one of endpoint, provider and all"),
        (LATER | {"provider": "nobody"}, 404, "provider 'nobody' is not in the settings"),
        (LATER | {"all": True, "until": "2098-01-01T00:00:00Z"}, 422, "until is not after from"),
        (LATER | {"all": True, "by": "a\nb"}, 422, "by"),
    ],
)
def test_what_cannot_be_declared_is_refused_and_says_why(
    tmp_path: Path, body: object, code: int, why: str
) -> None:
    [(status, told)] = ask(tmp_path, ("/v1/maintenance", body))

    assert status == code
    assert why in str(told)
