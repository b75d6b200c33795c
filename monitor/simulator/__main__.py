"""`python -m monitor.simulator`: the simulator on its own, to point a client at."""

import argparse

from monitor.simulator.app import Conditions
from monitor.simulator.catalogue import PORT
from monitor.simulator.server import serve


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m monitor.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--no-script", action="store_true", help="no scripted faults")
    parser.add_argument("--control", action="store_true", help="obey x-simulate and /_control")
    parser.add_argument("--time-scale", type=float, default=1.0, help="0 answers at once")
    asked = parser.parse_args()
    serve(asked.port, Conditions(not asked.no_script, asked.control, asked.time_scale))


if __name__ == "__main__":
    main()
