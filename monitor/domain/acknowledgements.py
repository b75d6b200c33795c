"""Acknowledgements: somebody has seen an incident and is at it, said once for a root cause."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who acknowledged an incident, when, with what words, and `via` which way.

    It holds for all incidents of the same root cause: those that are told as one alert.
    """

    incident_id: int
    at_ms: int
    by: str
    words: str
    via: str
