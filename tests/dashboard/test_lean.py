"""Spared imports, each in a fresh interpreter: what is loaded once cannot be unloaded."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_SPARE = "from dashboard.components import lean; lean.spare()\n"
_SERVE = """
import json, sys
from pathlib import Path
from starlette.testclient import TestClient
from dashboard.app import create_app
from monitor.settings.load import load
from monitor.storage.engine import Database
from monitor.storage.migrate import upgrade
file = Path(sys.argv[1], "inferwatch.yaml")
file.write_text("zone: UTC")
settings = load(file)
upgrade(settings.database_url)
browser = TestClient(create_app(settings, Database(settings.database_url)).server, "http://localhost")
drawn = browser.get("/_dash-layout", headers={"referer": "http://localhost/"}).json()
print(json.dumps([browser.get("/").text, drawn["props"]["children"][1:2]]))
"""


def run_python(code: str, *words: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return ran.stdout


def find_scripts(page: str) -> list[str]:
    return [part.split('"')[0] for part in page.split('src="')[1:]]


def test_pages_are_the_same_with_spared_components(tmp_path: Path) -> None:
    whole, first = json.loads(run_python(_SERVE, str(tmp_path)))
    spared, same = json.loads(run_python(_SPARE + _SERVE, str(tmp_path)))

    assert find_scripts(spared) == find_scripts(whole)
    assert same == first


def test_a_component_is_made_when_it_is_asked_for() -> None:
    told = run_python(
        _SPARE + "import dash_mantine_components as dmc, sys\n"
        "print('dash_mantine_components.Paper' in sys.modules, dmc.Paper('x').children)\n"
        "print(dmc.Paper._js_dist is dmc.MantineProvider._js_dist, hasattr(dmc, 'Nothing'))"
    )

    assert told.split() == ["False", "x", "True", "False"]
