"""The least Dash page that shows a graph: `python -m tests.performance.bare_page PORT`.

Served as our dashboard is. A process of its own: what another page imports is sent by Dash with
every page of the process.
"""

import sys
from typing import Any

import uvicorn
from dash import Dash, dcc
from fastapi import FastAPI

if __name__ == "__main__":
    server: Any = FastAPI()
    app = Dash("bare", server=server)
    numbers = list(range(90))
    app.layout = dcc.Graph(figure={"data": [{"type": "scatter", "x": numbers, "y": numbers}]})
    uvicorn.run(server, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
