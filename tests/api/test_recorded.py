"""What the recorder tells of an official client's calls, in the ledger of a real monitor."""

import asyncio
from pathlib import Path

import httpx
import openai
import pytest
from sqlalchemy import select

from monitor.domain.calls import Kind, Origin
from monitor.domain.outcomes import Outcome
from monitor.domain.usage import UsageState
from monitor.recorder import courier, flush, record
from monitor.runtime.monitor import Monitor
from monitor.simulator.catalogue import KEY
from monitor.storage.models.ledger import CallRow, EndpointRow
from tests.api.test_usage import run
from tests.monitors import SMALL, make_settings, run_provider

CHAT = {"model": "aurora-small", "messages": [{"role": "user", "content": "Say heliotrope7"}]}


def test_a_recorded_call_is_found_at_the_endpoint_that_is_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = courier.Courier()
    monkeypatch.setattr(courier, "_courier", mine)
    monkeypatch.setenv("INFERWATCH_SPOOL", str(tmp_path / "spool"))

    def program(base_url: str) -> int:
        """Two calls, one of them refused; how many tokens the good one used."""
        with record(openai.OpenAI(base_url=base_url, api_key=KEY, max_retries=0)) as client:
            answer = client.chat.completions.create(**CHAT)  # type: ignore[call-overload]
            with pytest.raises(openai.NotFoundError):
                client.chat.completions.create(**CHAT | {"model": "no-such"})  # type: ignore[call-overload]
        assert flush()
        return int(answer.usage.total_tokens)

    with run_provider() as provider:

        async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
            monkeypatch.setenv("INFERWATCH_URL", str(client.base_url).rstrip("/"))
            token = client.headers["authorization"].removeprefix("Bearer ")
            monkeypatch.setenv("INFERWATCH_TOKEN", token)
            tokens = await asyncio.to_thread(program, provider.base_url)

            row = CallRow
            used = row.input + row.output + row.reasoning + row.cache_read
            chosen = (
                select(EndpointRow.slug, row.outcome, row.usage_state, used)
                .join(EndpointRow, EndpointRow.id == row.endpoint_id)
                .where(row.kind == Kind.REQUEST, row.origin == Origin.RECORDER)
                .order_by(row.id)
            )
            with monitor.database.reading() as session:
                assert [tuple(found) for found in session.execute(chosen)] == [
                    (SMALL, Outcome.OK, UsageState.MEASURED, tokens),
                    ("aurora/no-such", Outcome.MODEL_NOT_FOUND, UsageState.MISSING, None),
                ]

        run(make_settings(tmp_path, provider.base_url), act)
    mine.close(5)
