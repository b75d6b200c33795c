"""The commands that run: `up` and the processes that it starts."""


def up() -> None:
    """Start everything: the monitor, the dashboard, and the simulator of a demo.

    Without settings it looks for keys and local servers first, and writes inferwatch.yaml.
    """
    from monitor.cli.starting import start

    start()


def monitor() -> None:
    """Probe, record and answer on the monitor's port. `up` starts it."""
    from monitor.cli.processes import run_monitor

    run_monitor(is_supervised=False)


def dashboard() -> None:
    """Serve the pages on the dashboard's port, reading only. `up` starts it."""
    from monitor.cli.processes import run_dashboard

    run_dashboard(is_supervised=False)


def simulator() -> None:
    """Serve the simulated providers of the demo on loopback."""
    from monitor.cli.processes import run_simulator

    run_simulator(is_supervised=False)
