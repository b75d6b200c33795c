import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
import trustme

from monitor.domain.calls import Phase
from monitor.domain.endpoints import Endpoint
from monitor.domain.outcomes import LocalFailure, Outcome
from monitor.domain.secrets import Secret
from monitor.wire import openai_chat
from monitor.wire.errors import classify_status
from monitor.wire.questions import Question
from monitor.wire.replies import Reply
from monitor.wire.transport import CONNECT_TIMEOUT_S, Transport
from tests.wire.loopback import (
    CANARY,
    CLOSE,
    DONE,
    NEVER,
    Provider,
    Step,
    ask,
    ask_once,
    chunk,
    endpoint_at,
    good_stream,
    head,
    serving,
    whole,
    with_provider,
)


def ask_at(url: str, timeout_s: float = 5.0) -> Reply:
    return asyncio.run(ask_once(url, timeout_s))


def test_phases_come_in_order() -> None:
    script: list[Step] = [0.02, head(), 0.02, chunk("pong"), 0.02, chunk(finish="stop"), DONE]
    timings = ask(script).timings

    assert timings.tls_s is None
    assert 0 < (timings.connect_s or 0) < (timings.first_byte_s or 0)
    assert (timings.first_byte_s or 0) + 0.01 < (timings.ttft_s or 0)
    assert (timings.ttft_s or 0) + 0.01 < (timings.total_s or 0)


def test_a_role_and_a_comment_are_no_first_token() -> None:
    script: list[Step] = [head(), chunk("", role="assistant"), b": x\n\n", 0.05, chunk("a"), DONE]
    timings = ask(script).timings

    assert (timings.ttft_s or 0) >= (timings.first_byte_s or 0) + 0.045


def test_an_answer_in_one_piece_has_no_first_token_time() -> None:
    body = '{"choices": [{"message": {"content": "pong"}, "finish_reason": "stop"}]}'
    timings = ask(whole(200, body)).timings

    assert timings.ttft_s is None
    assert timings.total_s is not None


def test_the_end_marker_ends_the_call_before_the_connection_does() -> None:
    assert ask([*good_stream(), NEVER], timeout_s=1).outcome is Outcome.OK


def test_a_reused_connection_has_no_connect_phases() -> None:
    async def twice(provider: Provider) -> tuple[Reply, Reply, int]:
        target = endpoint_at(provider.url).target
        async with Transport() as transport:
            first = await openai_chat.list_models(target, transport)
            second = await openai_chat.list_models(target, transport)
        return first, second, provider.connections

    first, second, connections = with_provider(whole(200, '{"data": []}'), twice)

    assert connections == 1
    assert (first.detail.is_reused, second.detail.is_reused) == (False, True)
    assert first.timings.connect_s is not None
    assert second.timings.connect_s is None


def test_tls_is_timed_apart(
    authority: trustme.CA, server_tls: ssl.SSLContext, tmp_path: Path
) -> None:
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))

    async def trusting(provider: Provider) -> Reply:
        async with Transport(ca_file=ca_file) as transport:
            return await openai_chat.ask(endpoint_at(provider.url), transport, Question("hi", 16))

    reply = with_provider(good_stream(), trusting, server_tls)

    assert reply.outcome is Outcome.OK
    assert (reply.timings.tls_s or 0) > 0


def test_a_certificate_of_a_stranger_is_a_tls_failure(server_tls: ssl.SSLContext) -> None:
    reply = with_provider(good_stream(), lambda p: ask_once(p.url), server_tls)

    assert (reply.outcome, reply.phase) == (Outcome.TLS, Phase.CONNECTED)
    assert "CERTIFICATE_VERIFY_FAILED" in (reply.detail.excerpt or "")


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        (whole(400, "plain"), Outcome.TLS),
        ([CLOSE], Outcome.TLS),
        ([NEVER], Outcome.TIMEOUT_CONNECT),
    ],
)
def test_a_server_without_tls_fails_the_handshake(script: list[Step], outcome: Outcome) -> None:
    async def shake(provider: Provider) -> Reply:
        # an HTTP server reads on until a line that a handshake never has
        return await ask_once(provider.url.replace("http", "https"), 0.3)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        for step in script:
            if isinstance(step, bytes):
                writer.write(step)
            elif step == NEVER:
                await reader.read()
        writer.close()

    async def run() -> Reply:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            return await shake(Provider(f"http://localhost:{port}/v1"))

    assert asyncio.run(run()).outcome is outcome


def test_nobody_listening_is_refused(closed_port: int) -> None:
    reply = ask_at(f"http://127.0.0.1:{closed_port}/v1")

    assert (reply.outcome, reply.phase) == (Outcome.TCP_REFUSED, Phase.STARTED)
    assert reply.http_status is None
    assert reply.detail.is_reused is None


def test_an_unknown_name_is_a_dns_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: object, **__: object) -> NoReturn:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    assert ask_at("https://api.nowhere.test/v1").outcome is Outcome.DNS


@pytest.mark.parametrize("key", ["sk-clé-000000000", "sk-line\nbreak-00000"])
def test_a_key_that_no_header_can_hold_is_our_failure(key: str) -> None:
    async def use(provider: Provider) -> Reply:
        endpoint = endpoint_at(provider.url)
        target = replace(endpoint.target, key=Secret(key))
        async with Transport() as transport:
            return await openai_chat.ask(
                replace(endpoint, target=target), transport, Question("hi", 16)
            )

    reply = with_provider(good_stream(), use)

    assert reply.outcome is LocalFailure.MONITOR_ERROR
    assert key not in repr(reply.detail)


def test_a_proxy_that_refuses_is_our_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    async def use(provider: Provider) -> Reply:
        monkeypatch.setenv("HTTPS_PROXY", provider.url.removesuffix("/v1"))
        monkeypatch.delenv("NO_PROXY", raising=False)
        return await ask_once("https://api.nowhere.test/v1")

    reply = with_provider(whole(407, ""), use)

    assert reply.outcome is LocalFailure.NETWORK_LOCAL


def test_a_call_through_a_proxy_is_timed_and_judged_as_without(
    authority: trustme.CA,
    server_tls: ssl.SSLContext,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))

    async def use(provider: Provider) -> tuple[Reply, Reply]:
        async with tunnel() as proxy_url:
            monkeypatch.setenv("HTTPS_PROXY", proxy_url)
            monkeypatch.setenv("NO_PROXY", "")
            async with Transport(ca_file=ca_file) as transport:
                endpoint = endpoint_at(provider.url)
                known = await openai_chat.ask(endpoint, transport, Question("hi", 16))
            return known, await ask_once(provider.url)

    known, unknown = with_provider(good_stream(), use, server_tls)

    assert (known.outcome, known.detail.is_reused) == (Outcome.OK, False)
    assert 0 < (known.timings.tls_s or 0) < (known.timings.first_byte_s or 0)
    assert (unknown.outcome, unknown.phase) == (Outcome.TLS, Phase.CONNECTED)
    assert unknown.timings.first_byte_s is None


@asynccontextmanager
async def tunnel() -> AsyncIterator[str]:
    """The address of a proxy that connects to whatever it is asked to."""

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(4096):
                writer.write(data)
        writer.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ask = await reader.readuntil(b"\r\n\r\n")
        host, _, port = ask.split()[1].decode().partition(":")
        there = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        await asyncio.gather(copy(reader, there[1]), copy(there[0], writer))

    async with await asyncio.start_server(connect, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_and_no_key_goes_elsewhere(status: int) -> None:
    async def use(other: Provider) -> tuple[Reply, Provider]:
        moved = whole(status, "", location=f"{other.url}/moved?key={CANARY}")
        async with serving(moved) as provider:
            return await ask_once(provider.url), other

    reply, other = with_provider(good_stream(), use)

    assert (reply.outcome, other.requests) == (Outcome.BAD_REQUEST, [])
    assert (
        reply.detail.excerpt == f"redirected to {other.url}/moved; put where that is into base_url"
    )


@pytest.mark.parametrize("address", ["http://[::1", "//user:pass@host/v1", "\x00", "/v1/"])
def test_no_address_of_a_redirect_breaks_a_call_or_tells_a_password(address: str) -> None:
    fault = classify_status(302, {"location": address}, b"")

    assert fault.outcome is Outcome.BAD_REQUEST
    assert "pass@" not in (fault.excerpt or "")


def test_no_cookie_is_kept() -> None:
    """One would tie all probes to one machine of the provider's, and grow as it likes."""

    async def use(provider: Provider) -> list[bytes]:
        target = endpoint_at(provider.url).target
        async with Transport() as transport:
            await openai_chat.list_models(target, transport)
            await openai_chat.list_models(target, transport)
        return provider.requests

    first, second = with_provider(whole(200, '{"data": []}', set_cookie="machine=7; Path=/"), use)

    assert first == second
    assert b"cookie" not in second.lower()


def test_cancellation_is_not_swallowed() -> None:
    async def use(provider: Provider) -> bool:
        task = asyncio.create_task(ask_once(provider.url))
        await provider.is_asked.wait()
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert with_provider([NEVER], use)


def test_a_stalled_event_loop_is_seen() -> None:
    async def use(provider: Provider) -> Reply:
        task = asyncio.create_task(ask_once(provider.url))
        await provider.is_asked.wait()
        time.sleep(0.1)  # noqa: ASYNC251
        return await task

    reply = with_provider([0.3, *good_stream()], use)

    assert (reply.timings.loop_lag_s or 0) >= 0.08


def test_a_call_that_runs_out_of_time_in_a_stalled_loop_is_not_charged() -> None:
    async def use(provider: Provider) -> Reply:
        task = asyncio.create_task(ask_once(provider.url, timeout_s=0.5))
        await provider.is_asked.wait()
        time.sleep(0.6)  # noqa: ASYNC251
        return await task

    assert with_provider([NEVER], use).outcome is LocalFailure.MONITOR_ERROR


def test_no_more_than_the_limit_are_under_way_at_once() -> None:
    under_way, most = 0, 0

    async def call(transport: Transport, endpoint: Endpoint) -> float:
        nonlocal under_way, most
        started = time.perf_counter()
        async with transport.slot:
            under_way += 1
            most = max(most, under_way)
            reply = await openai_chat.ask(endpoint, transport, Question("hi", 16))
            under_way -= 1
        return time.perf_counter() - started - (reply.timings.total_s or 0)

    async def use(provider: Provider) -> list[float]:
        async with Transport(limit=2) as transport:
            endpoint = endpoint_at(provider.url)
            return await asyncio.gather(*(call(transport, endpoint) for _ in range(6)))

    waits = with_provider([0.2, *good_stream(), CLOSE], use)

    assert most == 2
    assert max(waits) >= 0.35  # the last turn begins after two of 0.2 s, which are not in its call


def test_connecting_has_a_limit_of_its_own() -> None:
    assert CONNECT_TIMEOUT_S == 10
