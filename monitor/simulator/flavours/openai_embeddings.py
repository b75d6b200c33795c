"""OpenAI Embeddings."""

import base64
import struct

from monitor.simulator.chats import Asked, Chat, find_model
from monitor.simulator.events import Document, Reply
from monitor.simulator.flavours.openai_errors import reject
from monitor.simulator.operations import Operation


def read(asked: Asked) -> Chat:
    """The texts to embed."""
    inputs = asked.body["input"]
    return Chat(
        model=find_model(asked.provider.name, asked.body.get("model")),
        inputs=tuple([inputs] if isinstance(inputs, str) else inputs),
        dimensions=asked.body.get("dimensions"),
        is_packed=asked.body.get("encoding_format") == "base64",
    )


def write(reply: Reply) -> Document:
    """The vectors in the order of the texts."""
    chat = reply.chat
    data = [
        {"object": "embedding", "index": i, "embedding": _pack(v) if chat.is_packed else v}
        for i, v in enumerate(reply.answer.vectors)
    ]
    body = {"object": "list", "model": chat.model.name, "data": data}
    usage = {"prompt_tokens": chat.prompt_tokens, "total_tokens": chat.prompt_tokens}
    return body | ({"usage": usage} if reply.has_usage else {})


def _pack(vector: tuple[float, ...]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


OPERATION = Operation("/embeddings", read, write, reject)
