"""Damage in words: the same on the page, in the terminal and in a message."""

from monitor.domain.amounts import dollars
from monitor.domain.damages import Damage, Known
from monitor.domain.phrases import on_one_line

_LISTED = 5
_NO_TEAM = "no team told"


def lines(damage: Damage) -> list[tuple[str, str]]:
    """What it cost, each with its name: of failed calls by team, of retries, of our probes."""
    teams = damage.teams[:_LISTED]
    left = len(damage.teams) - len(teams)
    each = [(_team(one.team), _sum(one.failed, one.tokens)) for one in teams]
    rest = [("Further teams", str(left))] if left else []
    return [
        ("Failed calls of teams", _sum(damage.failed, damage.tokens)),
        *(each if len(damage.teams) > 1 or (teams and teams[0].team) else []),
        *rest,
        ("Retries", _retries(damage)),
        ("Our probes", _probes(damage)),
    ]


def sentence(damage: Damage) -> str:
    """All of it on one line; "" where nothing is known to have cost anything."""
    failed, retries, above = damage.failed, damage.retries, damage.probes.above_nano_usd
    parts = [
        f"{_count(failed)} {_money(failed)}" if failed.calls else "",
        f"retries at most {dollars(retries.nano_usd)}" if retries and retries.nano_usd else "",
        f"probes {dollars(above)} above usual" if above else "",
    ]
    said = "; ".join(part for part in parts if part)
    return f"Cost: {said}." if said else ""


def _team(name: str) -> str:
    return on_one_line(name)[:60] if name else _NO_TEAM


def _sum(known: Known, tokens: int) -> str:
    if not known.calls:
        return "none"
    used = f", {tokens:,} tokens" if tokens else ""
    return f"{_count(known)} {_money(known)}{used}"


def _count(known: Known) -> str:
    return f"{known.calls:,} failed {'call' if known.calls == 1 else 'calls'}"


def _money(known: Known) -> str:
    if known.unknown == known.calls:
        return "of unknown cost"
    more = f" (and {known.unknown:,} of unknown cost)" if known.unknown else ""
    return f"{dollars(known.nano_usd)}{more}"


def _retries(damage: Damage) -> str:
    retries = damage.retries
    if retries is None:
        return "not known: too many calls were made to tell"
    nobodys = f"; of {damage.nobodys:,} failed calls nobody knows whose" if damage.nobodys else ""
    if not retries.calls:
        return f"none within a minute{nobodys}"
    noun = "call" if retries.calls == 1 else "calls"
    said = f"at most {retries.calls:,} {noun}, {_money(retries)}"
    return f"{said}: of the same team and app, within a minute after a failed one{nobodys}"


def _probes(damage: Damage) -> str:
    probes = damage.probes
    made = _money(probes.made) if probes.made.calls else dollars(0)
    if probes.above_nano_usd is None:
        return f"{made}; their usual pace is not known, for they were not watched a day before"
    if not probes.above_nano_usd:
        part = "what is known is " if probes.made.unknown else ""
        return f"{made}, {part}not above their usual pace"
    return f"{made}, {dollars(probes.above_nano_usd)} above their usual pace"
