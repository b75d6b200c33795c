"""A real model behind three APIs at once, whose server others wrote: each counts the same."""

import asyncio

import pytest

from monitor.domain.endpoints import Endpoint, Flavour, Target
from monitor.domain.outcomes import Outcome
from monitor.wire import FLAVOURS
from monitor.wire.questions import Question
from monitor.wire.replies import Reply
from monitor.wire.transport import Transport
from tests.reliability.model_server import MODEL, ModelServer

pytestmark = pytest.mark.model
SPOKEN = (Flavour.OPENAI_CHAT, Flavour.OPENAI_RESPONSES, Flavour.ANTHROPIC)
HELLO = Question("Say hello.", 12)
#: An answer whose first character takes several tokens loses its beginning there, and with it
#: what Anthropic's API tells of the input.
TIMES = 5


def ask(server: ModelServer, flavour: Flavour) -> list[Reply]:
    async def run() -> list[Reply]:
        target = Target("real@none", "real", server.base_url, flavour, "none", None)
        endpoint = Endpoint("real/m", target, "real/m", MODEL)
        async with Transport() as transport:
            speaker = FLAVOURS[flavour]
            return [await speaker.ask(endpoint, transport, HELLO) for _ in range(TIMES)]

    return asyncio.run(run())


def count_output(reply: Reply) -> int:
    reported = reply.detail.usage_reported or {}
    return int(reported.get("output_tokens", reported.get("completion_tokens", -1)))


@pytest.mark.parametrize("flavour", SPOKEN)
def test_a_real_server_is_understood_in_each_of_its_apis(
    model_server: ModelServer, flavour: Flavour
) -> None:
    before = model_server.count_tokens().predicted_tokens
    replies = ask(model_server, flavour)
    written = model_server.count_tokens().predicted_tokens - before

    assert all(reply.outcome is Outcome.OK and reply.text for reply in replies)
    assert sum(map(count_output, replies)) == written


def test_one_prompt_has_one_size_in_all_of_them(model_server: ModelServer) -> None:
    sizes = {
        flavour: {r.usage.input_total for r in ask(model_server, flavour) if r.usage is not None}
        for flavour in SPOKEN
    }

    assert len(set().union(*sizes.values())) == 1
    assert all(sizes.values())
