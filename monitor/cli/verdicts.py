"""Verdicts: findings of checks, as a table or as JSON. No secret is among them."""

import json
from collections.abc import Sequence
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from monitor.domain.amounts import dollars
from monitor.domain.calls import Phase
from monitor.domain.outcomes import RULINGS, Group, LocalFailure, Outcome, Result

_WIDTH_IN_PIPES = 160
Finding = dict[str, Any]


def is_good(finding: Finding) -> bool:
    """Whether the endpoint did what it is for."""
    return RULINGS[_result(finding)].group is Group.GOOD


def _result(finding: Finding) -> Result:
    text = finding["outcome"]
    return Outcome(text) if text in set(Outcome) else LocalFailure(text)


def show(findings: Sequence[Finding], *, as_json: bool, is_list: bool) -> None:
    """Print findings: JSON (an array for a list), a row each in a list, or one in full."""
    if as_json:
        typer.echo(json.dumps(list(findings) if is_list else findings[0], indent=2))
        return
    console = make_console()
    if is_list:
        console.print(_list(findings))
    else:
        console.print(_card(findings[0]))
    for finding in findings:
        if not is_good(finding):
            console.print(_explain(finding), style="red", markup=False, highlight=False)


def make_console() -> Console:
    """Standard output; wide where nobody looks at its edge."""
    console = Console(highlight=False, markup=False)
    return (
        console
        if console.is_terminal
        else Console(width=_WIDTH_IN_PIPES, highlight=False, markup=False)
    )


def _card(finding: Finding) -> Table:
    table = Table(title=finding["endpoint"], show_header=False, title_justify="left")
    table.add_column("what", style="dim")
    table.add_column("found", justify="right")
    for what, found in _rows(finding):
        table.add_row(what, found)
    return table


def _rows(finding: Finding) -> list[tuple[str, str]]:
    timings = finding["timings_s"]
    return [
        ("verdict", _verdict(finding)),
        ("HTTP status", _spell(finding["http_status"])),
        ("phase reached", str(finding["phase"]).replace("_", " ")),
        *((name, _seconds(timings[key])) for key, name in _PHASES),
        *_usage_rows(finding),
        ("cost", _cost(finding)),
        ("request id", _spell(finding["request_id"])),
    ]


_PHASES = (
    ("connect", "DNS and connect"),
    ("tls", "TLS"),
    ("first_byte", "first byte"),
    ("ttft", "first token (TTFT)"),
    ("total", "total"),
)


def _usage_rows(finding: Finding) -> list[tuple[str, str]]:
    if finding["usage"] is None:
        return [("tokens", "not reported")]
    counted = ((leaf, count) for leaf, count in finding["usage"].items() if count)
    return [(f"{leaf.replace('_', ' ')} tokens", f"{count:,}") for leaf, count in counted]


def _list(findings: Sequence[Finding]) -> Table:
    table = Table()
    table.add_column("endpoint")
    table.add_column("verdict")
    for name in ("HTTP", "connect", "TLS", "first byte", "TTFT", "total", "in", "out", "cost"):
        table.add_column(name, justify="right")
    for finding in findings:
        timings = finding["timings_s"]
        table.add_row(
            finding["endpoint"],
            _verdict(finding),
            _spell(finding["http_status"]),
            *(_seconds(timings[key]) for key, _ in _PHASES),
            *_tokens(finding),
            _cost(finding),
        )
    return table


def _tokens(finding: Finding) -> tuple[str, str]:
    usage = finding["usage"]
    if usage is None:
        return "–", "–"
    out = usage["output"] + usage["reasoning"] + usage["output_audio"] + usage["output_image"]
    held = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write")
    taken = sum(usage[leaf] for leaf in (*held, "input_audio", "cache_read_audio", "input_image"))
    return f"{taken:,}", f"{out:,}"


def _verdict(finding: Finding) -> str:
    outcome = str(finding["outcome"]).replace("_", " ")
    return outcome if is_good(finding) else f"{outcome} ({finding['blame']})"


def _explain(finding: Finding) -> str:
    reached = Phase(finding["phase"]).value.replace("_", " ")
    said = finding["excerpt"] or finding["provider_code"] or f"it got as far as: {reached}"
    return f"{finding['endpoint']}: {_verdict(finding)}: {said}"


def _cost(finding: Finding) -> str:
    if finding["cost_nano_usd"] is None:
        return str(finding["cost_state"] or "not known").replace("_", " ")
    return dollars(finding["cost_nano_usd"])


def _seconds(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.2f} s"


def _spell(value: object) -> str:
    return "–" if value is None else str(value)
