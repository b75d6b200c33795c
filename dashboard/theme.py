"""Theme: colours of series, and what plotly has to know. States are coloured in assets/tokens.css.

Texts and grids of charts are coloured by style sheet, so that light and dark need no new figure.
"""

from typing import Any

#: Eight hues that can be told apart on white and on near-black, and by most colour-blind readers.
SERIES = (
    "#4f7ee0",
    "#e08a3c",
    "#2ba37b",
    "#b565c9",
    "#c2a12b",
    "#3fa7c4",
    "#d9566b",
    "#8089a0",
)
#: Owners of usage and spend: seven hues, each in a second, darker tone; grey is for the rest.
OWNERS = (
    *SERIES[:7],
    "#2f4f9c",
    "#9c5a1e",
    "#166b4f",
    "#7c3a8d",
    "#85690f",
    "#1f6f86",
    "#97303f",
)
REST = "#a9b1c2"
PROMPT, CACHED, REASONING, COMPLETION = SERIES[0], SERIES[5], SERIES[3], SERIES[2]
TEAM, PROBES = SERIES[0], SERIES[7]
DOTTED = "radial-gradient(var(--dim) 1px, transparent 1.2px) 0 0 / 4px 4px"
HATCHED = "repeating-linear-gradient(135deg, var(--dim) 0 1px, transparent 1px 4px)"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

#: For dmc.MantineProvider.
MANTINE: dict[str, Any] = {
    "fontFamily": FONT,
    "primaryColor": "blue",
    "defaultRadius": "md",
    "cursorType": "pointer",
}

#: For dcc.Graph.
GRAPH_CONFIG: Any = {"displayModeBar": False, "responsive": True}


def owner_colour(number: int) -> str:
    """The colour of an owner by its place among all of its kind; after fourteen they repeat."""
    return OWNERS[number % len(OWNERS)]


def fade(colour: str) -> str:
    """A colour of a series as a shade that lets what is beneath be seen; `#rrggbbaa` in CSS 4."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.16)"


def colour_of(number: int) -> str:
    """The colour of the series of that number; after eight they repeat."""
    return SERIES[number % len(SERIES)]
