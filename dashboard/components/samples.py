"""Samples: code that calls an endpoint as pasted."""

import json
import shlex

from dash.development.base_component import Component

from dashboard.components.parts import code, section
from monitor.storage.queries.endpoints import EndpointFacts

_QUESTION = "Say hello."


def samples(endpoint: EndpointFacts) -> Component:
    """The OpenAI SDK and curl."""
    return section(
        "Sample code",
        code("Python, OpenAI SDK", sdk(endpoint)),
        code("curl", curl(endpoint)),
        note=f"calls {endpoint.slug}",
    )


def key_variable(endpoint: EndpointFacts) -> str:
    """The usual name of the environment variable that holds a provider's key."""
    letters = "".join(c if c.isascii() and c.isalnum() else "_" for c in endpoint.provider)
    return f"{letters.upper()}_API_KEY"


def sdk(endpoint: EndpointFacts) -> str:
    """Python that asks the endpoint one question."""
    return f"""import os

from openai import OpenAI

client = OpenAI(
    base_url={json.dumps(endpoint.base_url)},
    api_key=os.environ.get({json.dumps(key_variable(endpoint))}, "no-key"),
)
answer = client.chat.completions.create(
    model={json.dumps(endpoint.model_name)},
    messages=[{{"role": "user", "content": {json.dumps(_QUESTION)}}}],
)
print(answer.choices[0].message.content)
print(answer.usage)"""


def curl(endpoint: EndpointFacts) -> str:
    """A shell command that asks the endpoint one question."""
    message = {"role": "user", "content": _QUESTION}
    body = json.dumps({"model": endpoint.model_name, "messages": [message]})
    url = shlex.quote(f"{endpoint.base_url.rstrip('/')}/chat/completions")
    return f"""curl {url} \\
  -H "Authorization: Bearer ${{{key_variable(endpoint)}:-no-key}}" \\
  -H "Content-Type: application/json" \\
  -d {shlex.quote(body)}"""
