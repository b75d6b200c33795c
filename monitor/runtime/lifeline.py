"""Lifeline: the pipe by which a child process notices that its parent is gone."""

import os
import signal
import threading

_STDIN = 0
_PATIENCE_S = 12.0


def follow_parent() -> None:
    """From now on, end this process as SIGTERM would when the other end of stdin closes."""
    threading.Thread(target=_wait, name="lifeline", daemon=True).start()


def _wait() -> None:
    # Not sys.stdin: its lock, held by a daemon thread, breaks the interpreter's own shutdown.
    while os.read(_STDIN, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    if not threading.Event().wait(_PATIENCE_S):
        os._exit(1)
