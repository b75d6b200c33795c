"""The answer of OpenRouter: OpenAI's, signed by whoever behind it gave it."""

from typing import Any

from monitor.domain.outcomes import Outcome
from monitor.wire.answers import object_of, text_of
from monitor.wire.openai_answer import FINISHES, OpenAiAnswer


class OpenRouterAnswer(OpenAiAnswer):
    """What the chunks so far told. `model` names the provider too, where it is told."""

    def __init__(self) -> None:
        super().__init__()
        self._provider: str | None = None

    def take(self, document: object) -> None:
        super().take(document)
        told = object_of(document)
        self._provider = text_of(told.get("provider")) or self._provider
        model = text_of(told.get("model"))
        if model is not None and self._provider is not None:
            self.model = f"{model} at {self._provider}"

    def _take_choice(self, choice: dict[str, Any]) -> None:
        super()._take_choice(choice)
        raw = text_of(choice.get("native_finish_reason"))
        if raw is not None and FINISHES.get(self.finish_reason or "") is not Outcome.OK:
            self.remark = f"upstream's finish reason: {raw}"
