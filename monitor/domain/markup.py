"""Markup: texts that chat services would read more into than is written there, made plain.

Names come from teams and providers. What is neutral here stays legible: a character of no width
breaks what would call people or become a link.
"""

import re

_GAP = "\u200b"
_BRACKETS = str.maketrans({"<": "‹", ">": "›"})
#: Who is called (`@here`), a link with a scheme, `[text](link)`, and a name that becomes a link.
_ACTIVE = re.compile(r"@(?=\w)|:(?=//)|\](?=\()|(?<=\w)\.(?=[A-Za-z])")


def tame(text: str) -> str:
    """The same text, in which nothing calls anybody, and nothing is a link."""
    return _ACTIVE.sub(lambda found: f"{found[0]}{_GAP}", text.translate(_BRACKETS))
