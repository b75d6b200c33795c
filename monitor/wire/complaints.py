"""Complaints: what a server says is wrong, read out of the many shapes in which it says so."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from monitor.wire.bodies import BodyError, parse

#: Fields that name the kind of an error, and the prefix under which the rows of `errors` know it.
_KINDS = {
    "code": "code",
    "type": "type",
    "status": "status",
    "error_type": "error_type",
    "limit_source": "limit_source",
}
_BEGIN_BYTES = 4096
_ADDRESS = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Complaint:
    """An error as told. `marks` are its kinds, as `code:model_not_found`, in lower case.

    `status` is an HTTP status inside the body, `name` the most telling kind; `metadata` is what
    OpenRouter adds, `retry_delay` what Google does. Nothing in it is redacted yet.
    """

    message: str = ""
    name: str | None = None
    marks: frozenset[str] = frozenset()
    status: int | None = None
    is_html: bool = False
    metadata: Mapping[str, Any] | None = None
    retry_delay: str | None = None

    def has_mark(self, mark: str) -> bool:
        """Whether it is of a kind, or of one of those that begin like it, for a mark with `*`."""
        if mark.endswith("*"):
            return any(own.startswith(mark[:-1]) for own in self.marks)
        return mark in self.marks

    def says(self, words: Iterable[str]) -> bool:
        """Whether its beginning holds one of the words, in any case.

        Addresses do not count: they hold words such as `billing`.
        """
        said = _ADDRESS.sub("", self.message[:_BEGIN_BYTES]).lower()
        return any(word in said for word in words)


def begin_of(body: bytes | bytearray) -> str:
    """The beginning of a body in one line: whole words, so that no half of a key is among them."""
    text = body[:_BEGIN_BYTES].decode("utf-8", "replace")
    words = text.split()
    is_cut = len(body) > _BEGIN_BYTES and words != [text]
    return " ".join(words[:-1] if is_cut else words)


def complaint_in(body: bytes | bytearray) -> Complaint:
    """The complaint in the body of a refused call, in JSON or as any text."""
    text = body.decode("utf-8", "replace").strip()
    if text.startswith("<"):
        return Complaint(begin_of(body), is_html=True)
    try:
        document = parse(text)
    except BodyError:
        return Complaint(text)
    return complaint_of(document) if document is not None else Complaint()


def complaint_of(document: object) -> Complaint:
    """The complaint in parsed JSON: an error in an object, flat, a text, or in an array of one."""
    if isinstance(document, list) and len(document) == 1:
        document = document[0]
    if not isinstance(document, dict):
        return Complaint(str(document))
    error = document.get("error") or document
    if not isinstance(error, dict):
        return Complaint(str(error), marks=frozenset(_marks(document)))
    marks = list(_marks(error))
    metadata = error.get("metadata")
    return Complaint(
        message=str(error.get("message") or error.get("detail") or error),
        name=_name(marks),
        marks=frozenset(marks),
        status=_status(error.get("code")),
        metadata=metadata if isinstance(metadata, dict) else None,
        retry_delay=next(
            (told for detail in _details(error) for told in _texts(detail, "retryDelay")), None
        ),
    )


def _marks(error: Mapping[str, Any]) -> Iterator[str]:
    """The kinds of an error, those that tell most first."""
    metadata = error.get("metadata")
    if isinstance(metadata, dict):
        yield from _kinds(metadata)
        yield from ("moderated" for key in ("reasons", "flagged_input") if metadata.get(key))
        if isinstance(availability := metadata.get("availability"), dict):
            yield from (f"availability:{kind}" for kind in _texts(availability, "code"))
    for detail in _details(error):
        yield from (f"detail:{kind}" for kind in _texts(detail, "error_code"))
        yield from (f"reason:{kind}" for kind in _texts(detail, "reason"))
    yield from _kinds(error)
    if isinstance(inner := error.get("innererror"), dict):
        yield from _kinds(inner)
    yield from (f"quota:{'perday' if 'perday' in id_ else 'other'}" for id_ in _quotas(error))


def _details(error: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Anthropic's one object, or Google's list of them."""
    details = error.get("details")
    details = details if isinstance(details, list) else [details]
    return [detail for detail in details if isinstance(detail, dict)]


def _quotas(error: Mapping[str, Any]) -> Iterator[str]:
    """The ids of the quotas that Google says are used up."""
    for detail in _details(error):
        violations = detail.get("violations")
        for violation in violations if isinstance(violations, list) else []:
            if isinstance(violation, dict):
                yield from _texts(violation, "quotaId")


def _kinds(fields: Mapping[str, Any]) -> Iterator[str]:
    for field, prefix in _KINDS.items():
        yield from (f"{prefix}:{kind}" for kind in _texts(fields, field))


def _texts(fields: Mapping[str, Any], field: str) -> Iterator[str]:
    value = fields.get(field)
    if isinstance(value, str) and value:
        # Whole: half of a key that is echoed here could not be told from a word.
        yield value.lower()


def _name(marks: list[str]) -> str | None:
    """The first kind that is not the generic one of its family."""
    names = [mark.partition(":")[2] for mark in marks if ":" in mark and mark[:6] != "quota:"]
    telling = (name for name in names if name != "invalid_request_error")
    return next(telling, names[0] if names else None)


def _status(code: object) -> int | None:
    if isinstance(code, str) and code.isascii() and code.isdigit() and len(code) == 3:  # noqa: PLR2004
        return int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) else None
