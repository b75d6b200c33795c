"""The commands that run: `up` and the processes that it starts."""

from typing import Annotated

import typer

_Lifeline = Annotated[
    bool, typer.Option("--lifeline", hidden=True, help="End when standard input ends.")
]


def up() -> None:
    """Start everything: the monitor, the dashboard, and the simulator of a demo.

    Without settings it looks for keys and local servers first, and writes inferwatch.yaml.
    """
    from monitor.cli.starting import start

    start()


def monitor(lifeline: _Lifeline = False) -> None:
    """Probe, record and answer on the monitor's port. `up` starts it."""
    from monitor.cli.monitoring import run

    run(is_supervised=lifeline)


def dashboard(lifeline: _Lifeline = False) -> None:
    """Serve the pages on the dashboard's port, reading only. `up` starts it."""
    import runpy

    from monitor.cli.ports import demand_free
    from monitor.cli.starting import read_settings
    from monitor.runtime.lifeline import follow_parent

    demand_free(read_settings().dashboard_port, "dashboard")
    if lifeline:
        follow_parent()
    # A process of its own, but no further one: the floors keep the two apart, not the kernel.
    runpy.run_module("dashboard", run_name="__main__")


def simulator(lifeline: _Lifeline = False) -> None:
    """Serve the simulated providers of the demo on loopback."""
    from monitor.cli.ports import demand_free
    from monitor.cli.starting import read_settings
    from monitor.runtime.lifeline import follow_parent
    from monitor.simulator.server import serve

    port = read_settings().simulator_port
    demand_free(port, "simulator")
    if lifeline:
        follow_parent()
    serve(port)
