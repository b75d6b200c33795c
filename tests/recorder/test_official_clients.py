"""What is recorded of the three official clients is what they were told."""

from collections.abc import Callable
from typing import Any

import pytest

from monitor.recorder import flush
from tests.recorder.listener import Listener
from tests.recorder.talks import TALKS, hold


@pytest.mark.parametrize("talk", TALKS, ids=lambda talk: talk.__name__)
def test_what_is_recorded_is_what_the_client_was_told(
    talk: Callable[[str], Any], root_url: str, listener: Listener
) -> None:
    told = hold(talk, root_url)
    flush(30)
    [event] = listener.events
    counted = event["usage_reported"].items()
    event["usage_reported"] = {name: count for name, count in counted if count is not None}

    assert {name: event[name] for name in told} == told
    assert ("ttft_s" in event) == ("streamed" in talk.__name__)
