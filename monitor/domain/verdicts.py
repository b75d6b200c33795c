"""Verdicts: what became of a call that was told."""

from enum import StrEnum


class Verdict(StrEnum):
    """What became of it: `filled` knew more of a known call, `repeated` did not."""

    RECORDED = "recorded"
    FILLED = "filled"
    REPEATED = "repeated"
    QUARANTINED = "quarantined"
    REFUSED = "refused"
