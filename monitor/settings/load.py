"""Load: a settings file, read and checked as a whole."""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from monitor.settings.build import build
from monitor.settings.document import Document, parse
from monitor.settings.environment import environment
from monitor.settings.model import Settings
from monitor.settings.problems import KeyPath, Problem, SettingsError
from monitor.settings.shape import FileShape, fields_at

_START = "run `inferwatch init` to write one, or point INFERWATCH_SETTINGS at yours"

_NO_GROUP = "is no group of keys; write `key: value` lines, indented, below it"
_EXPLANATIONS = {
    "value_error": "{error}",
    "missing": "is missing; add it",
    "enum": "is none of {expected}; write one of them",
    "greater_than_equal": "is below the least, {ge}; raise it",
    "less_than_equal": "is above the most, {le}; lower it",
    "dict_type": _NO_GROUP,
    "model_type": _NO_GROUP,
    "tuple_type": "is no list; write its items below it, each after a dash",
}


def load(path: Path | str, variables: Mapping[str, str] | None = None) -> Settings:
    """The settings in a file; `variables` (the environment) fill its `${NAME}` references.

    Raises SettingsError with everything that is wrong, each with line and remedy.
    """
    file = Path(path)
    variables = environment() if variables is None else variables
    document = parse(file, _read(file), variables)
    problems = list(document.problems)
    shape = None if problems and document.value is None else _shape(document, problems)
    settings = None if shape is None else build(document, shape, problems)
    if problems or settings is None:
        raise SettingsError(problems)
    return settings


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SettingsError([Problem(file, 1, f"there is no such file; {_START}")]) from None
    except IsADirectoryError:
        raise SettingsError([Problem(file, 1, "is a folder; name the file in it")]) from None
    except UnicodeDecodeError:
        raise SettingsError([Problem(file, 1, "is not UTF-8 text; save it as UTF-8")]) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsError([Problem(file, 1, f"cannot be read ({reason}); check it")]) from None


def _shape(document: Document, problems: list[Problem]) -> FileShape | None:
    try:
        return FileShape.model_validate({} if document.value is None else document.value)
    except ValidationError as error:
        known = {(p.line, p.key) for p in problems}
        found = _translate(document, error)
        problems.extend(p for p in found if (p.line, p.key) not in known)
        return None


def _translate(document: Document, error: ValidationError) -> Iterator[Problem]:
    for detail in error.errors(include_url=False, include_input=False):
        path = tuple(step for step in detail["loc"] if step != "[key]")
        yield document.problem(path, _explain(path, detail))


def _explain(path: KeyPath, detail: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    if detail["type"] == "extra_forbidden":
        return _explain_unknown(path)
    pattern = _EXPLANATIONS.get(detail["type"], "is not understood; see inferwatch.example.yaml")
    return pattern.format(**detail.get("ctx", {}))


def _explain_unknown(path: KeyPath) -> str:
    known = sorted(fields_at(path[:-1]) or ())
    close = difflib.get_close_matches(str(path[-1]), known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"remove it, or use one of {', '.join(known)}"
    return f"unknown key; {hint}"
