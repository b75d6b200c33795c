"""Drawing: from the start of the navigation to the drawn Overview, in a real browser.

Against a bare Dash page with one graph, in turns: what both have to load (React, Dash, and for the
bare one Plotly) is the floor that no page of ours can be below. Both are served the same way,
and timed in the page itself, at the first frame in which all that is waited for is there.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from monitor.domain.calls import Call
from monitor.domain.windows import DAY_MS, MINUTE_MS
from scripts.find_browser import find_browser
from tests import making
from tests.conftest import QUIET
from tests.dashboard import book
from tests.dashboard.book import HOME, Book
from tests.dashboard.conftest import read_clock
from tests.performance import serving
from tests.performance.figures import Figure, find_median_ratio
from tests.reliability.model_server import find_free_port

ENDPOINTS = tuple(f"{name}/{name}-{size}" for name in ("aurora", "borealis") for size in "abcd")
DAYS = 90
_GOAL = 1.3
_SETTINGS = """
zone: {zone}
ports: {{dashboard: {port}}}
providers: {{aurora: {{base_url: "http://127.0.0.1:1/v1", models: [aurora-a]}}}}
"""
_SPARSE_MS = 30 * MINUTE_MS
#: What each page has once it is drawn, as JavaScript.
_OVERVIEW = f"""
  [...document.querySelectorAll('#overview-table .iw-bars svg')].filter(
    (bars) => bars.getBoundingClientRect().height > 0 && bars.querySelector('path')
  ).length === {len(ENDPOINTS)}"""
_BARE = "document.querySelector('.js-plotly-plot .main-svg')"
_WATCH = """
window.drawnAt = new Promise((tell) => {
  const look = () => (IS_DRAWN) ? tell(performance.now()) : requestAnimationFrame(look);
  look();
});"""


@dataclass(frozen=True, slots=True)
class Contender:
    """A page, and what is waited for in it."""

    url: str
    is_drawn: str


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds to the drawn page, without and with a browser's cache."""

    cold_ms: float
    warm_ms: float


def measure(rounds: int = 5, days: int = DAYS, warm_ups: int = 1) -> list[Figure]:
    """The ratios, and the milliseconds that they are made of."""
    with TemporaryDirectory() as folder, ExitStack() as opened:
        write_past(Path(folder), days)
        ours = opened.enter_context(serve_ours(Path(folder)))
        bare = opened.enter_context(serve_bare())
        browser = opened.enter_context(open_browser())
        found = time_in_turns(browser, ours, bare, warm_ups + rounds)[warm_ups:]
    return [*_tell(found, "cold", lambda t: t.cold_ms), *_tell(found, "warm", lambda t: t.warm_ms)]


def write_past(folder: Path, days: int) -> None:
    """A ledger of probes: each 30 minutes over days, each 5 minutes on the last; and of use."""
    now_ms = read_clock()
    written = Book(making.open_database(folder, watched=(), priced={}), now_ms)
    written.watch(ENDPOINTS, since_ms=now_ms - days * DAY_MS)
    for name in ENDPOINTS:
        written.record(_list_past(name, now_ms - days * DAY_MS, now_ms - DAY_MS))
        written.record(book.probes(name, now_ms - DAY_MS, now_ms))
        written.record(book.request(name, now_ms - n * MINUTE_MS) for n in range(2, 200))
    written.database.close()


def _list_past(name: str, from_ms: int, to_ms: int) -> Iterator[Call]:
    for at_ms in range(from_ms, to_ms, _SPARSE_MS):
        yield replace(book.probe(name, at_ms), gap_s=_SPARSE_MS / 1_000)


@contextmanager
def serve_ours(folder: Path) -> Iterator[Contender]:
    """Our dashboard of a folder's database."""
    port, settings = find_free_port(), folder / "inferwatch.yaml"
    settings.write_text(_SETTINGS.format(zone=HOME.key, port=port))
    with serving.run(settings, "-m", "dashboard") as process:
        serving.wait_for_page(port, process)
        yield Contender(f"http://127.0.0.1:{port}/", _OVERVIEW)


@contextmanager
def serve_bare() -> Iterator[Contender]:
    """The least Dash page that shows a graph."""
    port = find_free_port()
    with serving.run(None, "-m", "tests.performance.bare_page", str(port)) as process:
        serving.wait_for_page(port, process)
        yield Contender(f"http://127.0.0.1:{port}/", _BARE)


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A headless Chromium. Raises FileNotFoundError where there is none."""
    path = find_browser()
    if path is None:
        raise FileNotFoundError("no browser here; run: .venv/bin/python scripts/find_browser.py")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield chromium
        chromium.close()


def time_in_turns(
    browser: Browser, ours: Contender, bare: Contender, rounds: int
) -> list[tuple[Times, Times]]:
    """Ours and bare of each round; in the first, servers and browser are not yet warm."""
    return [(time_page(browser, ours), time_page(browser, bare)) for _ in range(rounds)]


def time_page(browser: Browser, page: Contender) -> Times:
    """One page in a new profile, and again with what that profile has kept."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(_WATCH.replace("IS_DRAWN", page.is_drawn))
    times = Times(_load(context, page.url), _load(context, page.url))
    context.close()
    return times


def _load(context: BrowserContext, url: str) -> float:
    tab = context.new_page()
    tab.goto(url, wait_until="commit")
    drawn_ms: float = tab.evaluate("window.drawnAt")
    tab.close()
    return drawn_ms


def _tell(
    found: list[tuple[Times, Times]], name: str, pick: Callable[[Times], float]
) -> Iterator[Figure]:
    pairs = [(pick(ours), pick(bare)) for ours, bare in found]
    about = f"drawn Overview against a bare Dash graph, {name} cache"
    ratio = find_median_ratio(pairs)
    yield Figure(f"draw_{name}_ratio", ratio, "×", about, _GOAL, is_ceiling=True)
    yield Figure(f"draw_{name}_ms", median(ours for ours, _ in pairs), "ms", f"Overview, {name}")
    yield Figure(f"draw_{name}_bare_ms", median(b for _, b in pairs), "ms", f"bare graph, {name}")
