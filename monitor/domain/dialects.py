"""Dialects: in what hosts that speak one flavour differ from each other."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one host of OpenAI's flavours wants to be spoken to.

    `limit_field` names the limit on output tokens: `max_tokens` is the one that all but OpenAI
    know. `asks_usage` tells whether a stream is asked to end with its usage. The key goes into
    `key_header`, as a bearer token where that is `authorization`. `query` goes with every call,
    `list_query` with a first look at the models; neither has a question mark.
    """

    limit_field: str = "max_tokens"
    asks_usage: bool = True
    key_header: str = "authorization"
    query: str = ""
    list_query: str = ""


#: As most hosts want it.
PLAIN = Dialect()
