"""A program that uses a model, for tests that need processes: `python program.py WORD …`.

`call` asks once, `flush` waits for delivery, `die` is killed at once, `fork` goes on in a child,
which is waited for, and `threads` prints how many there are.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable

import httpx

from monitor.recorder import flush, record

URL = "http://provider.test/v1/chat/completions"
ANSWER = {
    "id": "chatcmpl-1",
    "model": "m",
    "choices": [{"finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 2},
}
client = record(
    httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=ANSWER)))
)


def fork() -> None:
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        sys.exit()


DEEDS: dict[str, Callable[[], object]] = {
    "call": lambda: client.post(URL, json={"model": "m", "user": str(os.getpid())}),
    "flush": lambda: flush(30),
    "die": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "fork": fork,
    "threads": lambda: print(threading.active_count()),
}

if __name__ == "__main__":
    for word in sys.argv[1:]:
        DEEDS[word]()
