from collections.abc import Iterator

import openai
import pytest

from monitor.simulator.app import Conditions
from monitor.simulator.catalogue import KEY
from monitor.simulator.server import run_in_thread


@pytest.fixture(scope="session")
def root_url() -> Iterator[str]:
    """A simulator that answers at once, fails only on demand, and is shared by the session."""
    with run_in_thread(Conditions(is_scripted=False, allows_control=True, time_scale=0.0)) as url:
        yield url


@pytest.fixture(scope="session")
def client(root_url: str) -> Iterator[openai.OpenAI]:
    """The official client, pointed at aurora."""
    with openai.OpenAI(base_url=f"{root_url}/aurora/v1", api_key=KEY, max_retries=0) as made:
        yield made
