from dataclasses import replace

import pytest

from monitor.domain.invitations import GOOD_MS, Invitation, invite, is_genuine, path, sign

KEY = bytes(range(32))
MADE = invite(7, 1_000, "ops", 5_000_999)


def test_a_link_is_good_for_a_week() -> None:
    assert not MADE.is_over(5_000_000 + GOOD_MS - 1)
    assert MADE.is_over(5_000_000 + GOOD_MS)


def test_a_path_says_all_but_the_start() -> None:
    assert path(MADE, KEY) == f"/acknowledge/7/609800/ops/{sign(MADE, KEY)}"


@pytest.mark.parametrize(
    "changed",
    [
        replace(MADE, incident_id=8),
        replace(MADE, started_ms=1_001),
        replace(MADE, channel="op"),
        replace(MADE, expires_s=MADE.expires_s + 1),
    ],
)
def test_whatever_is_changed_is_not_genuine(changed: Invitation) -> None:
    signature = sign(MADE, KEY)

    assert is_genuine(MADE, signature, KEY)
    assert not is_genuine(changed, signature, KEY)
    assert not is_genuine(MADE, signature[:-1], KEY)
    assert not is_genuine(MADE, signature, KEY[1:])
    assert not is_genuine(MADE, "\u00e9", KEY)
