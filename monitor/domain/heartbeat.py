"""Heartbeat: a sign of life to somebody outside, who raises the alarm when it stays away."""

from dataclasses import dataclass

from monitor.domain.secrets import Secret


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Where it goes and how often. The address is secret as a whole: it holds a token.

    `tells_failure`: trouble is told at the address with `/fail` behind it, as Healthchecks has it
    (https://healthchecks.io/docs/signaling_failures/); else by silence alone.
    """

    url: Secret
    every_s: float
    tells_failure: bool = False
