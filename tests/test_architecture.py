"""What keeps the tree readable: floors, sizes, and money that is never a float."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = [ROOT / "monitor", ROOT / "dashboard"]
MAX_FILE_LINES = 250
MAX_FUNCTION_LINES = 60
MAX_MEDIAN_LINES = 10
MONEY_WORDS = ("cost", "price", "spend", "usd")
APART = {"monitor.simulator", "monitor.recorder"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def list_files() -> list[Path]:
    return sorted(path for package in PACKAGES for path in package.rglob("*.py"))


def name_in_tree(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def list_functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(parse(path)):
        if isinstance(node, Function):
            yield node


def count_lines(function: Function) -> int:
    """The lines from `def` to the last statement, docstring included."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def list_layers() -> list[set[str]]:
    """The packages on each floor, from the top, as pyproject.toml draws them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    [floors] = [it for it in settings["contracts"] if it["id"] == "floors"]
    return [{name.strip(" ()") for name in row.split("|")} for row in floors["layers"]]


def list_imports(path: Path) -> set[str]:
    """The modules that a file imports."""
    found = set()
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or ".")
    return found


def find_float_money(tree: ast.AST) -> Iterator[str]:
    """The names of money, fields or arguments, whose annotation says float."""
    for node in ast.walk(tree):
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                pass
            case ast.arg(arg=name, annotation=ast.expr() as annotation):
                pass
            case _:
                continue
        is_money = any(word in MONEY_WORDS for word in name.lower().split("_"))
        if is_money and "float" in ast.unparse(annotation):
            yield f"{name}: {ast.unparse(annotation)}"


def test_every_import_contract_is_kept() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_package_stands_on_a_floor() -> None:
    children = {
        f"{package.name}.{child.stem}"
        for package in PACKAGES
        for child in package.iterdir()
        if (child / "__init__.py").exists()
        or (child.suffix == ".py" and not child.stem.startswith("__"))
    }

    assert children <= set().union(*list_layers(), APART)


def test_no_package_stands_on_two_floors() -> None:
    assert all(not upper & lower for upper, lower in pairwise(list_layers()))


def test_the_domain_imports_the_standard_library_only() -> None:
    imported = set().union(*(list_imports(path) for path in (ROOT / "monitor/domain").glob("*.py")))
    foreign = {name for name in imported if not name.startswith("monitor.domain.")}

    assert {name.split(".")[0] for name in foreign} <= sys.stdlib_module_names


def test_only_the_settings_read_the_environment_and_the_recorder_its_host_programs() -> None:
    readers = [
        name_in_tree(path)
        for path in list_files()
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv"}
    ]

    assert {name.split("/")[1].removesuffix(".py") for name in readers} <= {"settings", "recorder"}


def test_files_are_short_enough_to_read() -> None:
    lengths = {name_in_tree(it): len(it.read_text().splitlines()) for it in list_files()}

    assert not {name: lines for name, lines in lengths.items() if lines > MAX_FILE_LINES}


def test_most_functions_are_short() -> None:
    lengths = [count_lines(it) for path in list_files() for it in list_functions(path)]

    assert median(lengths) <= MAX_MEDIAN_LINES


def test_no_function_is_long() -> None:
    long = [
        f"{name_in_tree(path)}:{function.lineno} {function.name}"
        for path in list_files()
        for function in list_functions(path)
        if count_lines(function) > MAX_FUNCTION_LINES
    ]

    assert not long


def test_money_is_never_a_float() -> None:
    found = {name_in_tree(it): list(find_float_money(parse(it))) for it in list_files()}

    assert not {name: fields for name, fields in found.items() if fields}


@pytest.mark.parametrize(
    "source",
    ["cost_nano_usd: float | None", "def charge(price: float) -> None: ...", "spend: list[float]"],
)
def test_money_that_is_a_float_is_found(source: str) -> None:
    assert list(find_float_money(ast.parse(source)))
