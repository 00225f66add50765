"""The structure the project promises: true papers, small pieces, fast starts."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "sxtstudio"
MODULES = sorted(PACKAGE.rglob("*.py"))


def words_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE).with_suffix(""))


def test_architecture_names_every_module_and_no_other():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text.split("<!-- modules -->")[1].split("<!-- end of modules -->")[0]
    named: set[str] = set()
    for row in re.findall(r"^\| `([\w/]+)` \|[^|]*\|(.*)\|$", table, flags=re.MULTILINE):
        folder = "" if row[0] == "sxtstudio" else row[0] + "/"
        named |= {folder + name for name in re.findall(r"`(\w+)`", row[1])}
    exist = {words_of(path) for path in MODULES if path.name != "__init__.py"}

    assert named == exist


@pytest.mark.parametrize("path", MODULES, ids=words_of)
def test_pieces_stay_small(path: Path):
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") <= 500, "module of more than 500 lines"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < 50, f"{node.name} has more than 50 lines"
        if isinstance(node, ast.ClassDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < 300, f"{node.name} has more than 300 lines"


@pytest.mark.parametrize("path", MODULES, ids=words_of)
def test_nothing_is_unpickled_or_evaluated(path: Path):
    source = path.read_text(encoding="utf-8")

    found = re.findall(
        r"\bimport pickle|\btorch\.load\(|allow_pickle=True|(?<![.\w])eval\(|(?<![.\w])exec\(|"
        r"yaml\.load|\bjoblib\b|torch\.jit\.load",
        source,
    )

    assert found == []


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_window_is_imported_without_torch():
    loaded = loaded_by("import sxtstudio.gui.app")

    assert "torch" not in loaded
    assert "scipy.optimize" not in loaded


def test_the_command_line_is_imported_without_torch_vtk_and_qt():
    loaded = loaded_by("import sxtstudio.cli.main")

    assert not loaded & {"torch", "vtkmodules", "PySide6", "pyqtgraph"}


def test_names_that_say_nothing_are_not_used_for_modules():
    empty = {"utils", "util", "helpers", "common", "misc", "manager", "handler"}

    assert not empty & {path.stem for path in MODULES}
