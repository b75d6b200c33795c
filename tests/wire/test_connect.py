import ssl

import pytest

from monitor.wire.connect import Host, host_of, is_answering
from monitor.wire.transport import Transport
from tests.wire.loopback import NEVER, Provider, with_provider


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://api.openai.com/v1", Host("api.openai.com", 443)),
        ("http://127.0.0.1:11434/v1", Host("127.0.0.1", 11434, is_tls=False)),
        ("http://[::1]/v1", Host("::1", 80, is_tls=False)),
    ],
)
def test_a_base_url_names_a_host(url: str, host: Host) -> None:
    assert host_of(url) == host


def test_a_base_url_without_a_host_is_refused() -> None:
    with pytest.raises(ValueError, match="names no host"):
        host_of("api.openai.com/v1")


def test_a_host_answers_or_not(closed_port: int, server_tls: ssl.SSLContext) -> None:
    async def look(provider: Provider) -> list[bool]:
        open_port = host_of(provider.url).port
        async with Transport() as transport:
            return [
                await is_answering(Host("127.0.0.1", port, is_tls=is_tls), transport.tls, 1.0)
                for port, is_tls in [(open_port, False), (open_port, True), (closed_port, False)]
            ]

    assert with_provider([NEVER], look, server_tls) == [True, False, False]
