"""Dedupe keys: 16 bytes that say "the same call", in the order of its day.

Two bytes of the event's UTC day, then fourteen of a hash: a key without the day in front would
spread inserts over the whole index, and hold a large ledger to a fraction of its speed.
"""

from hashlib import blake2b
from secrets import token_hex

from monitor.domain.windows import DAY_MS, HOUR_MS

_HASH_BYTES = 14
#: A shorter one is not trusted to be the only one: Ollama's copy of OpenAI counts to 999.
SHORTEST_RESPONSE_ID = 20
#: Two tellers of a call that has just ended differ by less: our own clock stands beside theirs.
_DOUBT_MS = HOUR_MS


def dedupe_key(namespace: str, external_id: str, started_ms: int) -> bytes:
    """The key of a call that `namespace` (who issued the id, not who carried it) knows by an id."""
    digest = blake2b(f"{namespace}\0{external_id}".encode(), digest_size=_HASH_BYTES).digest()
    return (started_ms // DAY_MS % 2**16).to_bytes(2, "big") + digest


def next_door(key: bytes) -> tuple[bytes, bytes]:
    """The keys that the same call would have had a day before and a day after."""
    day, digest = int.from_bytes(key[:2], "big"), key[2:]
    before, after = (day - 1) % 2**16, (day + 1) % 2**16
    return before.to_bytes(2, "big") + digest, after.to_bytes(2, "big") + digest


def is_day_in_doubt(started_ms: int, *, is_live: bool) -> bool:
    """Whether another teller may have dated this call a day before or after.

    A live one ended within minutes of our own clock, so that only the hour round midnight leaves a
    doubt; what is told later may be dated in any zone.
    """
    since_ms = started_ms % DAY_MS
    return not is_live or since_ms < _DOUBT_MS or since_ms >= DAY_MS - _DOUBT_MS


def own_key(started_ms: int) -> bytes:
    """A fresh key, for a call of our own that may have to be written twice."""
    return dedupe_key("inferwatch", token_hex(16), started_ms)
