"""Tags: a caller's own words for a call, each a name and a value, written as one text.

A name may hold `=`: it is written with a backslash before it there, and so is a backslash, so that
no two tags are written alike. A value stands as it is.
"""

import re

_WRITTEN = re.compile(r"((?:[^\\=]|\\[\\=])+)=(.*)", re.DOTALL)
_MARKED = re.compile(r"[\\=]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def write(name: str, value: str) -> str:
    """`name=value`; the first `=` that no backslash stands before parts them."""
    marked = _MARKED.sub(lambda found: f"\\{found[0]}", name)
    return f"{marked}={value}"


def read(text: str) -> tuple[str, str]:
    """The name and the value. Raises ValueError."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError(
            f"{text!r} is no tag; write name=value, and in the name \\= for = and \\\\ for \\"
        )
    return _ESCAPED.sub(r"\1", found[1]), found[2]
