"""Guard: what fails in here is our trouble, never that of the program we run in."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def harmless(function: Callable[P, T]) -> Callable[P, T | None]:
    """The function, which answers `None` where it would have raised.

    What is no Exception (an interrupt, an exit) is the program's, and passes.
    """

    @wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T | None:
        try:
            return function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001
            with suppress(Exception):
                tell("inferwatch records less than it should", error)
            return None

    return guarded


def tell(message: str, error: BaseException | None = None) -> None:
    """One line of the logger `inferwatch.recorder`; with its traceback where DEBUG is on."""
    from logging import DEBUG, getLogger  # noqa: PLC0415 - what goes well needs no log

    logger = getLogger("inferwatch.recorder")
    if error is None:
        logger.warning(message)
    elif logger.isEnabledFor(DEBUG):
        logger.debug(message, exc_info=error)
