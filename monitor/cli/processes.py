"""Processes: what runs beside `up`, each loading what it needs and no more."""

from monitor.cli.refusal import refusing
from monitor.runtime.loading import loading


def run_supervised(name: str) -> None:
    """Run the process of that name until told to end, or until its parent is gone."""
    runs = {"monitor": run_monitor, "dashboard": run_dashboard, "simulator": run_simulator}
    with refusing():
        runs[name](is_supervised=True)


def run_monitor(*, is_supervised: bool) -> None:
    """Probe, record and answer on the monitor's port. Raises Refusal and SettingsError."""
    with loading():
        from monitor.cli.monitoring import run

    run(is_supervised=is_supervised)


def run_dashboard(*, is_supervised: bool) -> None:
    """Serve the pages on the dashboard's port. Raises Refusal and SettingsError."""
    import runpy

    from monitor.cli.starting import read_settings

    _prepare(read_settings().dashboard_port, "dashboard", is_supervised=is_supervised)
    # A process of its own, but no further one: the floors keep the two apart, not the kernel.
    runpy.run_module("dashboard", run_name="__main__")


def run_simulator(*, is_supervised: bool) -> None:
    """Serve the simulated providers of the demo. Raises Refusal and SettingsError."""
    from monitor.cli.starting import read_settings

    port = read_settings().simulator_port
    _prepare(port, "simulator", is_supervised=is_supervised)
    with loading():
        from monitor.simulator.server import serve

    serve(port)


def _prepare(port: int, key: str, *, is_supervised: bool) -> None:
    from monitor.cli.ports import demand_free
    from monitor.runtime.lifeline import follow_parent

    demand_free(port, key)
    if is_supervised:
        follow_parent()
