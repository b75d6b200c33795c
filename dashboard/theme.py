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
PROMPT, CACHED, REASONING, COMPLETION = SERIES[0], SERIES[5], SERIES[3], SERIES[2]
TEAM, PROBES = SERIES[0], SERIES[7]
HATCHED = "repeating-linear-gradient(135deg, var(--dim) 0 1px, transparent 1px 4px)"
DOTTED = "radial-gradient(var(--dim) 1px, transparent 1.5px) 0 0 / 4px 4px"

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


def colour_of(number: int) -> str:
    """The colour of the series of that number; after eight they repeat."""
    return SERIES[number % len(SERIES)]
