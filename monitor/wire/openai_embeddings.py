"""OpenAI Embeddings: a prompt goes in, a vector comes back, nothing is streamed or said."""

from decimal import Decimal

from monitor.domain.endpoints import Endpoint
from monitor.domain.usage import Usage
from monitor.wire import conversations, openai_usage
from monitor.wire.answers import Answer, object_of, objects, text_of
from monitor.wire.bodies import BodyError
from monitor.wire.complaints import complaint_of
from monitor.wire.conversations import post
from monitor.wire.counts import check_total, count
from monitor.wire.openai_chat import headers_of, list_models, url_of
from monitor.wire.questions import Question
from monitor.wire.replies import Reply
from monitor.wire.transport import Request, Transport

__all__ = ["EmbeddingAnswer", "ask", "build_request", "list_models"]


def build_request(endpoint: Endpoint, question: Question) -> Request:
    """The prompt, to be embedded. What else a question may carry has no place here."""
    body = {"model": endpoint.model_name, "input": question.prompt}
    url, headers = url_of(endpoint.target, "embeddings"), headers_of(endpoint.target)
    return post(endpoint, url, headers, body, is_streamed=False)


async def ask(endpoint: Endpoint, transport: Transport, question: Question) -> Reply:
    """The reply to a prompt; its text is empty, and it is ok where a vector came back."""
    request = build_request(endpoint, question)
    return await conversations.ask(endpoint, transport, request, EmbeddingAnswer())


class EmbeddingAnswer(Answer):
    """A vector of finite numbers, at least one. `take` raises BodyError for anything else."""

    def take(self, document: object) -> None:
        told = object_of(document)
        if told.get("error") or told.get("object") == "error":
            self.complaint = complaint_of(document)
            return
        vectors = [item.get("embedding") for item in objects(told.get("data"))]
        if not vectors or not all(map(_is_vector, vectors)):
            raise BodyError("JSON without a vector of numbers")
        self.usage = object_of(told.get("usage")) or None
        self.model = text_of(told.get("model"))
        self.has_content = self.is_ended = True

    def leaves(self) -> Usage | None:
        """The prompt's tokens: an embedding has no output."""
        if self.usage is None or count(self.usage, "prompt_tokens") is None:
            return None
        total = count(self.usage, "total_tokens")
        leaves = openai_usage.usage({**self.usage, "completion_tokens": 0})
        check_total("total_tokens", total, 0 if leaves is None else leaves.input_total)
        return leaves


def _is_vector(value: object) -> bool:
    """Whether it is numbers; what is not finite is none any more when JSON is parsed."""
    return isinstance(value, list) and bool(value) and all(map(_is_number, value))


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)
