"""Progress: how far an exchange has come, and when; filled while it happens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from monitor.domain.calls import Phase, Timings

_TCP = ("connection.connect_tcp",)
_TLS = ("connection.start_tls", "proxy.start_tls")


@dataclass(slots=True)
class Progress:
    """One attempt at an exchange, from its own start on, in seconds."""

    started: float = field(default_factory=perf_counter)
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    phase: Phase = Phase.STARTED
    marks: dict[str, float] = field(default_factory=dict)
    is_reused: bool | None = None
    first_byte_s: float | None = None
    ttft_s: float | None = None
    total_s: float | None = None
    _is_tunnelling: bool = False

    def elapsed_s(self) -> float:
        return perf_counter() - self.started

    async def note(self, name: str, info: Mapping[str, Any]) -> None:
        """The trace of httpx: `connection.connect_tcp.started` and the like, as they happen."""
        if name == "http11.send_request_headers.started":
            self._is_tunnelling = info["request"].method == b"CONNECT"
        if self._is_tunnelling and name.startswith("http11."):
            return  # what is said to a proxy is not said to the endpoint
        self.marks[name] = self.elapsed_s()
        match name:
            case "connection.connect_tcp.complete":
                self.phase = Phase.CONNECTED
            case "connection.start_tls.complete" | "proxy.start_tls.complete":
                self.phase = Phase.SECURED
            case "http11.send_request_headers.started":
                self.is_reused = "connection.connect_tcp.started" not in self.marks
            case "http11.send_request_headers.complete":
                self.phase = Phase.SENT
            case "http11.receive_response_headers.complete":
                self.phase, self.first_byte_s = Phase.HEADERS, self.marks[name]
            case _:
                pass

    def timings(self, loop_lag_s: float) -> Timings:
        return Timings(
            connect_s=self._span_s(*_TCP),
            tls_s=self._span_s(*_TLS),
            first_byte_s=self.first_byte_s,
            ttft_s=self.ttft_s,
            total_s=self.total_s,
            loop_lag_s=loop_lag_s,
        )

    def _span_s(self, *names: str) -> float | None:
        for name in names:
            start, end = self.marks.get(f"{name}.started"), self.marks.get(f"{name}.complete")
            if start is not None and end is not None:
                return end - start
        return None
