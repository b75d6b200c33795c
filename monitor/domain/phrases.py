"""Phrases: short texts of messages. They are cut, and put on one line."""

from monitor.domain.windows import DAY_MS, HOUR_MS, MINUTE_MS

MAX_TITLE = 60
MAX_BODY = 900


def fit(text: str) -> str:
    """A title on one line; of a long one its middle is left out, for both ends tell more."""
    line = on_one_line(text)
    if len(line) <= MAX_TITLE:
        return line
    head = (MAX_TITLE - 1) // 2
    return f"{line[:head]}…{line[len(line) - (MAX_TITLE - 1 - head) :]}"


def lasting(span_ms: int) -> str:
    """`48 s`, `7 min`, `2 h 5 min`, `3 d 4 h`."""
    span_ms = max(0, span_ms)
    if span_ms < MINUTE_MS:
        return f"{span_ms // 1000} s"
    if span_ms < HOUR_MS:
        return f"{span_ms // MINUTE_MS} min"
    if span_ms < DAY_MS:
        return _both(span_ms // HOUR_MS, "h", span_ms % HOUR_MS // MINUTE_MS, "min")
    return _both(span_ms // DAY_MS, "d", span_ms % DAY_MS // HOUR_MS, "h")


def _both(whole: int, unit: str, rest: int, smaller: str) -> str:
    return f"{whole} {unit} {rest} {smaller}" if rest else f"{whole} {unit}"


def on_one_line(text: str) -> str:
    """A name as it may stand in a text: printable, without a break."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))


def shorten(text: str) -> str:
    """A body that is not too long."""
    return text if len(text) <= MAX_BODY else f"{text[: MAX_BODY - 1]}…"
