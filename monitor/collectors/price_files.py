"""Price files: what the tables of others say that models cost, whichever of the known kinds.

What cannot be read of one model is left out and remarked on; nothing is dropped in silence.
"""

from collections.abc import Iterable
from typing import Any

from monitor.collectors import genai_prices, litellm, models_dev, openrouter
from monitor.domain.endpoints import Endpoint
from monitor.domain.offers import Said


def read(document: Any, endpoints: Iterable[Endpoint], now_ms: int) -> Said:  # noqa: ANN401 -- JSON
    """What a document says of endpoints. Raises ValueError where it is none that we know."""
    watched = list(endpoints)
    if openrouter.knows(document):
        return openrouter.read(document, watched)
    if genai_prices.knows(document):
        return genai_prices.read(document, watched, now_ms)
    if litellm.knows(document):
        return litellm.read(document, watched)
    if models_dev.knows(document):
        return models_dev.read(document, watched)
    raise ValueError(
        "is none of LiteLLM's table of models, OpenRouter's lists, genai-prices' data and "
        "models.dev's table"
    )
