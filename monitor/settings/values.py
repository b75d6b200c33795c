"""Values: how one value of a settings file is read. Raises ValueError("problem; remedy")."""

import re
import string
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from monitor.domain.money import PICO_PER_USD, pico_from_usd_per_million
from monitor.domain.secrets import Secret

_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)?")
DURATION_PATTERN = r"^\d+(\.\d+)?\s*(ms|s|min|m|h|d)?$"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ID = re.compile(r"[A-Za-z0-9~][A-Za-z0-9._:/@+~-]{0,199}")
_ID_CHARACTERS = frozenset(f"{string.ascii_letters}{string.digits}._:/@+~-")
_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
_MAX_RATE_USD = 1_000_000
_MAX_PORT = 65_535
_URL_EXAMPLE = "write it like https://api.openai.com/v1"


def read_text(value: object) -> str:
    """A text of at least one character, without blanks around it."""
    if not isinstance(value, str):
        raise ValueError("is no text; put it in quotes")  # noqa: TRY004 - pydantic collects these
    if not value.strip():
        raise ValueError("is empty; write it out, or remove the line")
    if "\0" in value:
        raise ValueError("has a NUL in it, which nothing can store; remove it")
    return value.strip()


def read_flag(value: object) -> bool:
    """True or false, also out of an environment variable."""
    text = str(value).lower()
    if text not in {"true", "false"}:
        raise ValueError("is neither true nor false; write one of them")
    return text == "true"


def read_whole(value: object) -> int:
    """A whole number, also out of an environment variable."""
    if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,9}", str(value).strip()):
        raise ValueError("is no whole number; write one, without unit or point")
    return int(str(value))


def read_name(value: str) -> str:
    """A name of letters, digits, `.`, `_` and `-`."""
    if not _NAME.fullmatch(value):
        raise ValueError("is no name; use up to 64 letters, digits, dots, dashes and underscores")
    return value


def read_id(value: str) -> str:
    """An id: like a name, with `/`, `:`, `@`, `+` and `~` too."""
    if not _ID.fullmatch(value):
        raise ValueError(
            "is no id; use letters, digits and ._:/@+~- (like openai/gpt-4o), no blanks"
        )
    return value


def spell_id(text: str) -> str:
    """An id as like to a text as an id can be."""
    return "".join(c if c in _ID_CHARACTERS else "-" for c in text)[:200]


def read_key(value: object) -> Secret:
    """An API key, fit for a header."""
    text = str(value).strip() if isinstance(value, str | int) else ""
    if not text:
        raise ValueError(
            "is empty; refer to a variable, like ${OPENAI_API_KEY}, or remove the line"
        )
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("holds characters that no key has; copy it again")
    return Secret(text)


def read_duration_s(value: object) -> float:
    """Seconds of `300`, `90s`, `5m`, `1h`, `250ms`."""
    match = _DURATION.fullmatch(str(value).strip())
    if match is None:
        raise ValueError("is no duration; write a number with a unit, like 30s, 5m or 1h")
    return float(match[1]) * _UNITS_S[match[2] or "s"]


def read_decimal(value: object) -> Decimal:
    """A finite, non-negative decimal, exactly as written."""
    text = str(value).strip()
    try:
        number = Decimal(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    except InvalidOperation:
        raise ValueError("is no number; write dollars with a point, like 0.15") from None
    if not number.is_finite():
        raise ValueError("is not a finite number; write dollars with a point, like 0.15")
    if number < 0:
        raise ValueError("is below zero; write 0 or more")
    if number > _MAX_RATE_USD:
        raise ValueError(f"is more than {_MAX_RATE_USD} dollars; write dollars with a point")
    return number


def read_rate(value: object) -> Decimal:
    """USD per million tokens, no finer than a pico-dollar a token."""
    rate = read_decimal(value)
    try:
        pico_from_usd_per_million(rate)
    except ValueError:
        raise ValueError(
            "is finer than a pico-dollar a token; give at most 6 decimals (USD per million tokens)"
        ) from None
    return rate


def read_unit_price(value: object) -> Decimal:
    """USD for one unit, no finer than a pico-dollar."""
    price = read_decimal(value)
    if price * PICO_PER_USD % 1:
        raise ValueError("is finer than a pico-dollar; give at most 12 decimals (USD for one)")
    return price


def read_percent(value: object) -> Decimal:
    """Percent of `10` or `10%`."""
    text = str(value).strip().removesuffix("%").strip()
    try:
        return read_decimal(text)
    except ValueError as error:
        what = str(error).partition(";")[0].replace(" dollars", "")
        raise ValueError(f"{what}; write percent, like 10 or 7.5%") from None


def read_base_url(value: str) -> str:
    """An http(s) URL without query, credentials or trailing slash."""
    url = value.rstrip("/")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"is no URL; {_URL_EXAMPLE}") from None
    if parts.username or parts.password:
        raise ValueError("carries a user name or password; put the key under `key`")
    if parts.scheme not in {"http", "https"} or not _is_host(parts.netloc) or port == 0:
        raise ValueError(f"is no http(s) URL; {_URL_EXAMPLE}")
    if parts.query or parts.fragment:
        raise ValueError("has a query or fragment; end it before the ? or #")
    if url.endswith(("/chat/completions", "/models")):
        raise ValueError("names one call; end it before /chat/completions or /models")
    return url


def _is_host(netloc: str) -> bool:
    host, _, port = netloc.rpartition(":")
    name = host if port.isdecimal() and host else netloc
    return _HOST.fullmatch(name) is not None


def read_zone(value: object) -> ZoneInfo:
    """An IANA time zone."""
    try:
        return ZoneInfo(str(value))
    except (KeyError, ValueError, OSError):
        raise ValueError(
            "is no IANA time zone; write it like Europe/Berlin, Asia/Kathmandu or UTC"
        ) from None


def read_witness(value: object) -> tuple[str, int]:
    """The host and port of `host:port`."""
    host, _, port = str(value).rpartition(":")
    if not _HOST.fullmatch(host) or not port.isdecimal() or not 0 < int(port) <= _MAX_PORT:
        raise ValueError("is no host and port; write it like dns.google:443")
    return host.strip("[]"), int(port)
