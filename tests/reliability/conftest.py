"""The real model, loaded once for all tests that ask it."""

from collections.abc import Iterator

import pytest

from tests.reliability.model_server import ModelServer, run_model_server


@pytest.fixture(scope="session")
def model_server() -> Iterator[ModelServer]:
    """A running real model. A test that stops it must start one of its own instead."""
    with run_model_server() as server:
        yield server
