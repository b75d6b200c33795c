"""Run the dashboard: `python -m dashboard`. Reads the settings that INFERWATCH_SETTINGS names."""

import errno
import socket
import sys

from dashboard.components import lean
from monitor.runtime.loading import loading
from monitor.settings.environment import settings_path
from monitor.settings.load import load
from monitor.settings.model import Settings
from monitor.settings.problems import SettingsError

_HOST = "127.0.0.1"
#: Exit code of what cannot start until something is set otherwise (EX_CONFIG).
_REFUSED = 78


def main() -> int:
    """Serve until SIGTERM or SIGINT, then let requests end; 2 or 78 where it cannot start."""
    try:
        settings = load(settings_path())
        listener = socket.create_server((_HOST, settings.dashboard_port))
    except SettingsError as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(_port_trouble(settings.dashboard_port, error), _REFUSED)
    # From here on a browser waits for its page, rather than being refused.
    _serve(settings, listener)
    return 0


def _serve(settings: Settings, listener: socket.socket) -> None:
    with loading():
        lean.spare()
        import uvicorn  # noqa: PLC0415 -- loaded once the port is ours, as the two below

        from dashboard.app import create_app  # noqa: PLC0415
        from monitor.storage.engine import Database  # noqa: PLC0415

        database = Database(settings.database_url)
        app = create_app(settings, database)
    config = uvicorn.Config(
        app.server, log_level="warning", timeout_graceful_shutdown=3, server_header=False
    )
    uvicorn.Server(config).run(sockets=[listener])
    database.close()


def _port_trouble(port: int, error: OSError) -> str:
    reason = "is taken" if error.errno == errno.EADDRINUSE else f"is refused ({error.strerror})"
    return (
        f"port {port} on {_HOST} {reason}; stop the program that has it, or set another one in "
        "the settings: `ports: {dashboard: …}`"
    )


def _fail(reason: str, code: int = 2) -> int:
    sys.stderr.write(f"inferwatch dashboard: {reason}\n")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
