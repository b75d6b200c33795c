"""Shell: the frame of every page, and which page a path is."""

import re
from collections.abc import Callable, Sequence
from typing import Protocol
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update, set_props
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard import ids
from dashboard.choices import BadChoice, Span
from dashboard.components.attributes import hyphened
from dashboard.components.banners import banner, draw_banner, unreadable
from dashboard.components.parts import notice, page
from dashboard.reads import NotHere, Reads
from dashboard.theme import MANTINE
from monitor.storage.engine import DatabaseRefused

_WINDOWS = {
    Span.HOUR: ("1 h", "the last hour"),
    Span.DAY: ("24 h", "the last 24 hours"),
    Span.WEEK: ("7 d", "today and the 6 days before"),
    Span.MONTH: ("30 d", "today and the 29 days before"),
    Span.QUARTER: ("90 d", "today and the 89 days before"),
    Span.MONTH_TO_DATE: ("Month", "this month to date"),
    Span.LAST_MONTH: ("Last month", "the whole month before this one"),
}
_SCHEMES = {"light": "Light", "dark": "Dark", "auto": "As the system"}
_PLACES = {
    "/": "Overview",
    "/models": "Models",
    "/providers": "Providers",
    "/usage": "Usage",
    "/spend": "Spend",
    "/budgets": "Budgets",
    "/prices": "Prices",
    "/incidents": "Incidents",
    "/alerts": "Alerts",
    "/calls": "Calls",
    "/monitor": "Monitor",
}


class PageModule(Protocol):
    """What a module of `dashboard.pages` has."""

    #: Its addresses; the groups are passed to `layout`.
    PATH: re.Pattern[str]

    @property
    def layout(self) -> Callable[..., Component]:
        """Draws the page for (reads, choice, *groups).

        Raises NotHere, BadChoice and DatabaseRefused.
        """

    def blank(self) -> Component:
        """The page without anything in it: all its ids."""

    def register(self, app: Dash, reads: Reads) -> None:
        """Add its callbacks."""


def layout(reads: Reads, first: Component | None = None, at: str = "") -> Component:
    """The frame, with the first page in it where the address is known already."""
    frame: Component = dmc.MantineProvider(
        [
            dcc.Location(id=ids.LOCATION, refresh="callback-nav"),
            dcc.Store(id=ids.PUSHED),
            dcc.Store(id=ids.TOKEN, data=reads.pulse.token()),
            html.A("Skip to the page", href=f"#{ids.PAGE}", className="iw-skip"),
            html.Header(_bar(reads), className="iw-top"),
            html.Div(banner(reads), id=ids.BANNER, className="iw-banner", role="status"),
            html.Div(first, id=ids.PAGE, **hyphened(data_at=at)),
        ],
        theme=MANTINE,
        defaultColorScheme="auto",
    )
    return frame


def _bar(reads: Reads) -> Component:
    demo = html.Span("demo", className="iw-demo", title="Simulated providers and calls")
    brand = html.A("inferwatch", href="/", className="iw-brand", **hyphened(data_path="/"))
    links = [html.A(name, href=path, **hyphened(data_path=path)) for path, name in _PLACES.items()]
    return html.Div(
        [
            brand,
            *([demo] if reads.is_demo else []),
            html.Nav(links, className="iw-nav", **hyphened(aria_label="Pages")),
            html.Div([_windows(), _dates(), _zones(reads.home)], className="iw-pickers"),
            _schemes(),
        ],
        className="iw-bar",
    )


def _windows() -> Component:
    links = [_link(f"window={span}", *words, Span.DAY) for span, words in _WINDOWS.items()]
    return html.Nav(links, className="iw-pick", **hyphened(aria_label="Window of time"))


def _link(pair: str, text: str, title: str, default: str) -> Component:
    data = hyphened(data_set=pair, data_default=default)
    return html.A(text, href=f"?{pair}", title=title, **data)


def _dates() -> Component:
    picker: Component = dmc.DatePickerInput(
        id=ids.DATES,
        type="range",
        placeholder="Other dates",
        valueFormat="D MMM YY",
        size="xs",
        className="iw-dates",
        allowSingleDateInRange=True,
        **hyphened(aria_label="Other dates"),
    )
    return picker


def _zones(home: ZoneInfo) -> Component:
    names = [home.key] if home.key in fmt.UTC_NAMES else [home.key, "UTC"]
    links = [
        _link(f"zone={name}", _city(name), f"Dates and days in {name}", home.key) for name in names
    ]
    known = " ".join(dict.fromkeys([*names, *fmt.UTC_NAMES]))
    browser = hyphened(data_browser_zone=known, data_default=home.key)
    links.append(html.A(href="?", hidden=True, title="Your browser's time zone", **browser))
    return html.Nav(links, className="iw-pick", **hyphened(aria_label="Time zone"))


def _city(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


def _schemes() -> Component:
    buttons = [
        html.Button(
            type="button", title=title, **hyphened(data_scheme_choice=key, aria_label=title)
        )
        for key, title in _SCHEMES.items()
    ]
    return html.Div(buttons, className="iw-scheme", role="group", **hyphened(aria_label="Colours"))


def draw_page(
    reads: Reads, pages: Sequence[PageModule], path: str | None, search: str | None
) -> Component:
    """The page of an address; where there is none, or it cannot be drawn, why and what to do."""
    try:
        module, groups = _find(pages, unquote(path or "/"))
        return module.layout(reads, reads.choice(search), *groups)
    except NotHere as error:
        where = html.A("Go to the overview", href="/")
        return page("Not found · inferwatch", notice("Not found", str(error), where))
    except BadChoice as error:
        where = html.A("Show the last 24 hours", href=path or "/")
        return page("inferwatch", notice("This address cannot be read", str(error), where))
    except DatabaseRefused as error:
        return page("Database · inferwatch", unreadable(error, path, search))


def _find(pages: Sequence[PageModule], path: str) -> tuple[PageModule, Sequence[str]]:
    for module in pages:
        if match := module.PATH.fullmatch(path):
            return module, match.groups()
    raise NotHere(f"There is no page {path}.")


def register(app: Dash, reads: Reads, pages: Sequence[PageModule]) -> None:
    """Callbacks of the frame: the page of an address, what is pushed, the banner, the dates."""

    @app.callback(
        Output(ids.PAGE, "children"),
        Output(ids.PAGE, "data-at"),
        Input(ids.LOCATION, "pathname"),
        Input(ids.LOCATION, "search"),
        State(ids.PAGE, "data-at"),
    )
    def route(path: str | None, search: str | None, shown: str) -> object:
        at = f"{path or '/'}{search or ''}"
        return no_update if at == shown else (draw_page(reads, pages, path, search), at)

    # Without inputs and outputs: then Dash starts it again when a lost connection is back.
    @app.callback(websocket=True, persistent=True)
    async def push() -> None:
        async for token in reads.pulse.tokens():
            set_props(ids.PUSHED, {"data": token})

    @app.callback(
        Output(ids.BANNER, "children"), Input(ids.TOKEN, "data"), prevent_initial_call=True
    )
    async def warn(_token: str) -> object:
        return await draw_banner(reads)

    hear = ClientsideFunction("inferwatch", "hear")
    pick = ClientsideFunction("inferwatch", "pick")
    clientside: Callable[..., object] = app.clientside_callback
    clientside(hear, Output(ids.TOKEN, "data"), Input(ids.PUSHED, "data"), State(ids.TOKEN, "data"))
    clientside(
        pick, Output(ids.LOCATION, "search"), Input(ids.DATES, "value"), prevent_initial_call=True
    )
