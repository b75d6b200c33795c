"""Run the dashboard: `python -m dashboard`. Reads the settings that INFERWATCH_SETTINGS names."""

import socket
import sys

import uvicorn

from dashboard.app import create_app
from monitor.settings.environment import settings_path
from monitor.settings.load import load
from monitor.settings.problems import SettingsError
from monitor.storage.engine import Database

_HOST = "127.0.0.1"


def main() -> int:
    """Serve until SIGTERM or SIGINT, then let requests end; 2 where it cannot start."""
    try:
        settings = load(settings_path())
        listener = socket.create_server((_HOST, settings.dashboard_port))
    except SettingsError as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"{_HOST} port of the dashboard cannot be opened ({error.strerror})")
    database = Database(settings.database_url)
    app = create_app(settings, database)
    config = uvicorn.Config(
        app.server, log_level="warning", timeout_graceful_shutdown=3, server_header=False
    )
    uvicorn.Server(config).run(sockets=[listener])
    database.close()
    return 0


def _fail(reason: str) -> int:
    sys.stderr.write(f"inferwatch dashboard: {reason}\n")
    return 2


if __name__ == "__main__":
    raise SystemExit(main())
