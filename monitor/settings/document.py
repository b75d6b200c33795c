"""Documents: a YAML text as plain values, each with the line it stands on.

Numbers with a point become `Decimal`, exactly as written; `${NAME}` in a value is replaced by
that environment variable.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import yaml

from monitor.domain.secrets import MASK, redact
from monitor.settings.problems import KeyPath, Problem, spell

_REFERENCE = re.compile(r"\$\{([^}]*)\}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET_KEY = re.compile(r"(?i)(?:key|token|secret|password|webhook|apprise)$")
_SERVER = re.compile(r"(?<!sqlite)://.+", re.DOTALL)
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*@")
_WHOLE = re.compile(r"[-+]?\d+")
_POINTED = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+)")
_TAG = "tag:yaml.org,2002:"


@dataclass(slots=True)
class Document:
    """What a file says. `lines` and `texts` (scalars as written) are found by key path."""

    file: Path
    value: object = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    texts: dict[KeyPath, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    variables: dict[KeyPath, str] = field(default_factory=dict)

    def problem(self, path: KeyPath, text: str) -> Problem:
        """A problem at a key path, with its line and its value, or a mask for a secret one."""
        known = next((path[:n] for n in range(len(path), 0, -1) if path[:n] in self.lines), ())
        line, value = self.lines.get(known, 1), self.texts.get(known, "")
        if value and any(_SECRET_KEY.search(str(step)) for step in path):
            value = value if _REFERENCE.fullmatch(value) else MASK
        if path == ("database",):  # a password that is badly written may stand anywhere in it
            value = _SERVER.sub(f"://{MASK}", value)
        value = _CREDENTIALS.sub(f"{MASK}@", value)
        return Problem(self.file, line, redact(text), redact(spell(path)), redact(value, limit=60))

    def blame(self, path: KeyPath, text: str) -> None:
        """Note a problem at a key path."""
        self.problems.append(self.problem(path, text))


def parse(file: Path, text: str, variables: Mapping[str, str]) -> Document:
    """The document of a YAML text; `problems` says what is wrong with it."""
    document = Document(file)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        document.problems.append(_syntax_problem(file, error, text))
        return document
    if node is not None:
        document.value = _Reader(document, variables).read(node, (), ())
    return document


def _syntax_problem(file: Path, error: yaml.YAMLError, text: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return Problem(file, 1, "holds characters that no text has; save it as UTF-8 text")
    what = str(getattr(error, "problem", None) or "cannot be read as YAML")
    lines = text.splitlines()
    here = lines[mark.line] if mark.line < len(lines) else ""
    if "\t" in here:
        what, remedy = "a tab is no indentation in YAML", "indent with spaces"
    elif isinstance(error, yaml.composer.ComposerError) and "single document" in str(error.context):
        what, remedy = "a second document begins", "keep one document, without a line ---"
    else:
        remedy = "look at the indentation, colons and quotes of this line and the one before"
    return Problem(file, mark.line + 1, redact(f"{what}; {remedy}"))


class _Reader:
    """Turns nodes into values, and notes lines, duplicate keys and missing variables."""

    def __init__(self, document: Document, variables: Mapping[str, str]) -> None:
        self._document = document
        self._variables = variables

    def read(self, node: yaml.Node, path: KeyPath, above: tuple[yaml.Node, ...]) -> object:
        self._document.lines.setdefault(path, node.start_mark.line + 1)
        if node in above:
            self._document.blame(path, "an alias (*) contains itself; write the value out")
            return None
        match node:
            case yaml.MappingNode():
                return self._read_mapping(node, path, (*above, node))
            case yaml.SequenceNode():
                items = enumerate(node.value)
                return [self.read(item, (*path, n), (*above, node)) for n, item in items]
            case _:
                return self._read_scalar(node, path)

    def _read_mapping(
        self, node: yaml.MappingNode, path: KeyPath, above: tuple[yaml.Node, ...]
    ) -> dict[str, object]:
        mapping: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            inner = (*path, key)
            if key in mapping:
                first = self._document.lines[inner]
                self._document.lines[inner] = key_node.start_mark.line + 1
                self._document.blame(
                    inner, f"stands here a second time (first: line {first}); keep one"
                )
            self._document.lines[inner] = key_node.start_mark.line + 1
            mapping[key] = self.read(value_node, inner, above)
        return mapping

    def _read_scalar(self, node: yaml.Node, path: KeyPath) -> object:
        text = str(node.value)
        self._document.texts[path] = text
        if "${" in text:
            return _REFERENCE.sub(lambda m: self._look_up(m[1], path), text)
        match node.tag.removeprefix(_TAG):
            case "null":
                return None
            case "bool":
                return text.lower() in {"true", "yes", "on"}
            case "int" if _WHOLE.fullmatch(text):
                return int(text)
            case "float" if _POINTED.fullmatch(text):
                return Decimal(text)
            case _:
                return text

    def _look_up(self, name: str, path: KeyPath) -> str:
        if not _VARIABLE.fullmatch(name):
            self._document.blame(path, "refers to no variable; write it like ${OPENAI_API_KEY}")
            return "?"
        value = self._variables.get(name, "").strip()
        if not value:
            state = "is empty" if name in self._variables else "is not set"
            self._document.blame(
                path,
                f"environment variable {name} {state}; export it before the start, "
                "or comment this part out",
            )
            return "?"
        self._document.variables[path] = name
        return value
