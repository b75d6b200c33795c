"""`inferwatch pause` and `resume`: let endpoints be for a while."""

from typing import Annotated

import typer

_NAME = typer.Argument(help="An endpoint's id, as `status` shows it, or a provider's name.")
_ALL = typer.Option("--all", help="All endpoints.")


def pause(
    name: Annotated[str | None, _NAME] = None,
    is_all: Annotated[bool, _ALL] = False,
    until: Annotated[
        str | None, typer.Option(help="2h, 18:30 or '2026-12-01 22:00'; none: until `resume`.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; shown wherever the pause is.")] = "",
) -> None:
    """Stop probing an endpoint, a provider's endpoints, or all of them.

    Its state becomes unknown; no incident opens or closes because of it. The pause survives
    restarts, and ends by itself at --until. It is made at once, or at the monitor's next start.
    """
    from monitor.cli import pausing

    pausing.pause(name, is_all=is_all, until=until, reason=reason)


def resume(
    name: Annotated[str | None, _NAME] = None,
    is_all: Annotated[bool, _ALL] = False,
) -> None:
    """Probe again what was paused."""
    from monitor.cli import pausing

    pausing.resume(name, is_all=is_all)
