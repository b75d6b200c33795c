import logging
from collections.abc import Iterator

import pytest

from monitor.domain.secrets import Secret
from monitor.logs import configure

CANARY = "canary-0123456789"


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def log_failure(text: str, reason: str) -> None:
    try:
        int(reason)
    except ValueError:
        logging.getLogger("monitor.test").exception(text)


def test_a_record_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    logging.getLogger("monitor.test").warning("two\nlines of %s", "text")
    line = capsys.readouterr().err

    assert line.endswith("Z WARNING monitor.test: two ⏎ lines of text\n")
    assert line.count("\n") == 1


def test_an_exception_stands_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    log_failure("failed", "broken\nin two")
    line = capsys.readouterr().err

    assert "failed | ValueError: invalid literal for int() with base 10: 'broken" in line
    assert line.count("\n") == 1


def test_no_secret_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    configure(secrets=[Secret(CANARY), Secret(f"{CANARY}-longer")])
    log_failure(f"{CANARY} and {CANARY}-longer", f"key {CANARY}")
    line = capsys.readouterr().err

    assert CANARY not in line
    assert "longer" not in line


def test_configuring_again_does_not_double_lines(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    configure()
    logging.getLogger("monitor.test").info("once")

    assert capsys.readouterr().err.count("once") == 1
