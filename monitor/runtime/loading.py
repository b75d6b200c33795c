"""Loading: how a process imports what it runs on, which is most of its start.

The garbage collector is off meanwhile: there is no garbage yet, and it would look through all that
was loaded again and again. Left out is what libraries import wherever it is installed and we never
use: httpx's command line, and uvicorn's watching of source files.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_UNUSED = ("httpx._main", "watchfiles")

#: A batch of calls is fifty thousand objects that all live until it is committed: the collector
#: would go through them at every 700 new ones (Python's own threshold) and find no garbage.
_THRESHOLDS = (150_000, 20, 20)
#: The writer lets go of the interpreter at each row that SQLite takes, and would wait 5 ms for it
#: (Python's own interval) behind a thread that reads a large batch; so would the event loop.
_SWITCH_S = 0.001


@contextmanager
def loading() -> Iterator[None]:
    """Imports in this block are for the life of the process."""
    modules: dict[str, Any] = sys.modules
    for name in _UNUSED:
        modules.setdefault(name, None)
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(*_THRESHOLDS)
        gc.enable()
        sys.setswitchinterval(_SWITCH_S)
