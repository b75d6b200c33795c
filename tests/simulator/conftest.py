from collections.abc import Iterator

import anthropic
import ollama
import openai
import pytest
from google import genai
from google.genai import types

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


@pytest.fixture(scope="session")
def dusk(root_url: str) -> Iterator[anthropic.Anthropic]:
    """Anthropic's client, pointed at dusk."""
    with anthropic.Anthropic(base_url=f"{root_url}/dusk", api_key=KEY, max_retries=0) as made:
        yield made


@pytest.fixture(scope="session")
def equinox(root_url: str) -> Iterator[genai.Client]:
    """Google's client, pointed at equinox."""
    options = types.HttpOptions(base_url=f"{root_url}/equinox", api_version="v1beta")
    with genai.Client(api_key=KEY, http_options=options) as made:
        yield made


@pytest.fixture(scope="session")
def foehn(client: openai.OpenAI, root_url: str) -> openai.OpenAI:
    """OpenAI's client, pointed at foehn, the router."""
    return client.with_options(base_url=f"{root_url}/foehn/api/v1")


@pytest.fixture(scope="session")
def iris(client: openai.OpenAI, root_url: str) -> openai.OpenAI:
    """OpenAI's client, pointed at iris, which speaks all three of OpenAI's APIs."""
    return client.with_options(base_url=f"{root_url}/iris/v1")


@pytest.fixture(scope="session")
def gale(root_url: str) -> Iterator[ollama.Client]:
    """Ollama's client, pointed at gale."""
    with ollama.Client(host=f"{root_url}/gale") as made:
        yield made
