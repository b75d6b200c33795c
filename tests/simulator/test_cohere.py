"""What halo sends over the wire, field by field, as Cohere's second API has it."""

import json
from typing import Any

import httpx
import pytest

from monitor.simulator.catalogue import KEY, KEY_WITHOUT_CREDIT
from tests.simulator.asking import (
    CANARY,
    COLOUR,
    FILLED,
    LONG,
    SCHEMA,
    THOUGHT,
    WORD,
    paint,
    to_text,
)

TOOL = {"type": "function", "function": {"name": "report", "parameters": SCHEMA}}
REPORT = {"name": "report", "arguments": json.dumps(FILLED)}


def ask(root_url: str, content: Any = CANARY, fault: str = "none", **more: Any) -> httpx.Response:  # noqa: ANN401
    wish = {"model": "halo-a", "messages": [{"role": "user", "content": content}]}
    return httpx.post(
        f"{root_url}/halo/v2/chat",
        headers={"authorization": f"Bearer {more.pop('key', KEY)}", "x-simulate": fault},
        json=wish | more,
    )


def list_events(root_url: str, *what: Any, **more: Any) -> list[dict[str, Any]]:
    """The events, each of which has its name in its data too."""
    events = []
    for block in ask(root_url, *what, stream=True, **more).text.strip().split("\n\n"):
        name, data = block.split("\n")
        events.append(json.loads(data.removeprefix("data: ")))
        assert name == f"event: {events[-1]['type']}"
    return events


def test_a_canary_is_answered_with_its_word(root_url: str) -> None:
    answer = ask(root_url).json()

    assert answer["message"]["content"] == [{"type": "text", "text": WORD}]
    assert answer["finish_reason"] == "COMPLETE"


@pytest.mark.parametrize("model", ["halo-a", "halo-a-reasoning"])
@pytest.mark.parametrize("prompt", [CANARY, LONG])
def test_a_stream_says_and_counts_what_the_plain_answer_does(
    root_url: str, model: str, prompt: str
) -> None:
    plain = ask(root_url, prompt, model=model).json()
    events = list_events(root_url, prompt, model=model)
    deltas = [e["delta"]["message"]["content"] for e in events if e["type"] == "content-delta"]
    said = "".join(delta.get("text", "") for delta in deltas)

    assert said == plain["message"]["content"][-1]["text"]
    assert events[-1]["delta"]["usage"] == plain["usage"]


def test_a_stream_has_its_events_in_order(root_url: str) -> None:
    assert [event["type"] for event in list_events(root_url)] == [
        "message-start",
        "content-start",
        *["content-delta"] * 2,
        "content-end",
        "message-end",
    ]


def test_what_was_read_is_more_than_what_is_billed(root_url: str) -> None:
    usage = ask(root_url).json()["usage"]

    assert usage["tokens"]["input_tokens"] == usage["billed_units"]["input_tokens"] + 60
    assert usage["tokens"]["output_tokens"] == usage["billed_units"]["output_tokens"]


def test_thoughts_are_blocks_and_can_be_turned_off(root_url: str) -> None:
    deep, quick = (
        ask(root_url, THOUGHT, model="halo-a-reasoning", thinking={"type": kind}).json()
        for kind in ("enabled", "disabled")
    )

    assert [block["type"] for block in deep["message"]["content"]] == ["thinking", "text"]
    assert [block["type"] for block in quick["message"]["content"]] == ["text"]


def test_a_required_tool_is_called_with_arguments_of_its_schema(root_url: str) -> None:
    plain = ask(root_url, tools=[TOOL], tool_choice="REQUIRED").json()
    events = list_events(root_url, tools=[TOOL], tool_choice="REQUIRED")
    calls = [e["delta"]["message"]["tool_calls"]["function"] for e in events if "tool-call-" in
             e["type"] and "delta" in e]  # fmt: skip

    assert [call["function"] for call in plain["message"]["tool_calls"]] == [REPORT]
    assert plain["finish_reason"] == "TOOL_CALL"
    assert "".join(call["arguments"] for call in calls) == REPORT["arguments"]


def test_an_answer_follows_the_schema_asked_for(root_url: str) -> None:
    form = {"type": "json_object", "json_schema": SCHEMA}
    answer = ask(root_url, response_format=form).json()

    assert json.loads(answer["message"]["content"][0]["text"]) == FILLED


def test_an_image_is_seen(root_url: str) -> None:
    url = {"url": f"data:image/png;base64,{to_text(paint((250, 220, 20)))}"}
    parts = [{"type": "image_url", "image_url": url}, {"type": "text", "text": COLOUR}]
    answer = ask(root_url, parts).json()

    assert answer["message"]["content"][0]["text"] == "yellow"


def test_texts_are_embedded_by_type(root_url: str) -> None:
    wish = {"model": "halo-embed", "texts": ["river", "stone"], "input_type": "search_query"}
    made = httpx.post(
        f"{root_url}/halo/v2/embed",
        headers={"authorization": f"Bearer {KEY}"},
        json=wish | {"embedding_types": ["float"]},
    ).json()

    assert [len(vector) for vector in made["embeddings"]["float"]] == [64, 64]
    assert made["meta"]["billed_units"] == {"input_tokens": 4}


def test_the_models_are_listed_with_what_they_can_do(root_url: str) -> None:
    listed = httpx.get(f"{root_url}/halo/v1/models", headers={"authorization": f"Bearer {KEY}"})

    assert [(m["name"], m["endpoints"]) for m in listed.json()["models"]] == [
        ("halo-a", ["chat"]),
        ("halo-a-reasoning", ["chat"]),
        ("halo-embed", ["embed"]),
    ]


def test_the_list_comes_in_pages_of_the_size_asked_for(root_url: str) -> None:
    url, headers = f"{root_url}/halo/v1/models", {"authorization": f"Bearer {KEY}"}
    first = httpx.get(f"{url}?page_size=2", headers=headers).json()
    second = httpx.get(f"{url}?page_token={first['next_page_token']}", headers=headers).json()

    assert [m["name"] for m in first["models"]] == ["halo-a", "halo-a-reasoning"]
    assert [m["name"] for m in second["models"]] == ["halo-embed"]
    assert "next_page_token" not in second


@pytest.mark.parametrize(
    ("fault", "status"),
    [("503", 503), ("500", 500), ("429", 429), ("no-credit", 402), ("401", 401), ("403", 403)],
)
def test_a_refusal_is_a_message_under_an_id(root_url: str, fault: str, status: int) -> None:
    answer = ask(root_url, fault=fault)

    assert answer.status_code == status
    assert answer.json().keys() == {"id", "message"}


@pytest.mark.parametrize(("key", "status"), [("nobody", 401), (KEY_WITHOUT_CREDIT, 402)])
def test_a_key_that_is_not_good_is_refused(root_url: str, key: str, status: int) -> None:
    assert ask(root_url, key=key).status_code == status


def test_an_answer_can_end_in_an_error(root_url: str) -> None:
    last = list_events(root_url, LONG, fault="200-error")[-1]
    plain = ask(root_url, fault="200-error").json()

    assert (last["type"], last["delta"]["finish_reason"]) == ("message-end", "ERROR")
    assert plain["finish_reason"] == "ERROR"
