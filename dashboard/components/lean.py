"""Lean: Dash's packages of components, loaded without the components that no page uses.

Each package makes all its classes as it is imported: some 350, most of the time that a dashboard
takes to start. After `spare()`, which must come before `import dash`, a class is made when it is
first asked for. A package that is built in another way than today's is loaded whole.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

#: Of these the renderer must know before it has one: they take components in other properties.
_MANTINE = ("DatePickerInput", "MantineProvider", "Select")
_PACKAGES: dict[str, tuple[str, ...]] = {
    "dash.dcc": (),
    "dash.html": (),
    "dash.dash_table": (),
    "dash_mantine_components": _MANTINE,
}


def spare() -> None:
    """From now on, make classes of components only where they are used."""
    for package, wanted in _PACKAGES.items():
        if package not in sys.modules:
            sys.modules[f"{package}._imports_"] = _Listed(package, wanted)
    for package in _PACKAGES:
        module: Any = import_module(package)
        module.__getattr__ = _maker(module)


class _Listed(ModuleType):
    """In the place of a package's own list, which imports everything that it lists."""

    def __init__(self, package: str, wanted: tuple[str, ...]) -> None:
        super().__init__(f"{package}._imports_")
        self._package = package
        self.__all__ = list(wanted)

    def __getattr__(self, name: str) -> object:
        return _load(self._package, name)


def _load(package: str, name: str) -> object:
    if name.startswith("_"):
        raise AttributeError(name)
    try:
        return getattr(import_module(f"{package}.{name}"), name)
    except ModuleNotFoundError as error:
        raise AttributeError(f"{package} has no component {name}") from error


def _maker(package: Any) -> Callable[[str], object]:  # noqa: ANN401 - any module
    def make(name: str) -> object:
        made: Any = _load(package.__name__, name)
        for resource in ("_js_dist", "_css_dist"):
            if hasattr(package, resource):
                setattr(made, resource, getattr(package, resource))
        setattr(package, name, made)
        return made

    return make
