"""A diagnostic bundle helps to find a fault, and gives nothing else away."""

import getpass
import zipfile
from pathlib import Path

import numpy as np
import pytest

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.errors import FileError
from sxtstudio.core.volume import LabelMap, Tomogram
from sxtstudio.project.project import Project
from sxtstudio.workflow import diagnostics
from sxtstudio.workflow.diagnostics import (
    LOG_BYTES,
    Facts,
    bundle_parts,
    last_traceback,
    log_tail,
    masked,
    settings_text,
    write_bundle,
)

SIZE_UM = (0.05, 0.05, 0.05)
LAC = 0.48917731
"""A value that occurs nowhere else."""

LOG = """2026-01-01 10:00:00 INFO sxtstudio.gui.session: opened p.sxt
2026-01-01 10:00:01 ERROR sxtstudio.gui.app: unexpected
Traceback (most recent call last):
  File "x.py", line 1, in <module>
    1 / 0
ZeroDivisionError: division by zero
2026-01-01 10:00:02 INFO sxtstudio.gui.app: went on
"""


@pytest.fixture
def project(tmp_path):
    lac_ZYX = np.full((9, 8, 7), LAC, np.float32)
    labels_ZYX = np.zeros((9, 8, 7), np.uint8)
    labels_ZYX[2:5] = 1
    label_map = LabelMap(labels_ZYX=labels_ZYX, names={1: "nucleus"}, voxel_size_um=SIZE_UM)
    with Project.create(tmp_path / "secret-place" / "cells.sxt") as project:
        project.add_cell(
            Cell(
                name="yeast 7",
                tomogram=Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=SIZE_UM),
                annotations=(Annotation(label_map=label_map, complete=frozenset({"nucleus"})),),
            ),
            source="test",
        )
        yield project


@pytest.fixture(autouse=True)
def folder(tmp_path):
    (tmp_path / "secret-place").mkdir()


def test_a_bundle_tells_what_is_in_it_and_holds_text_only(tmp_path, project):
    log = tmp_path / "sxtstudio.log"
    log.write_text(LOG, encoding="utf-8")
    path = tmp_path / "bundle.zip"

    write_bundle(path, Facts(log=log, graphics={"3D": "llvmpipe (software)"}, project=project))

    with zipfile.ZipFile(path) as bundle:
        texts = {name: bundle.read(name).decode("utf-8") for name in bundle.namelist()}
    assert set(texts) == {
        "contents.txt", "versions.txt", "graphics.txt", "log.txt", "error.txt", "project.txt",
        "settings.txt",
    }  # fmt: skip
    assert all(name in texts["contents.txt"] for name in texts)
    assert "llvmpipe" in texts["graphics.txt"]
    assert "numpy: 2" in texts["versions.txt"]
    assert texts["error.txt"].endswith("ZeroDivisionError: division by zero")
    assert "went on" in texts["log.txt"]


def test_the_project_is_told_by_names_and_shapes_and_no_voxel_goes_in(tmp_path, project):
    write_bundle(tmp_path / "bundle.zip", Facts(project=project))

    with zipfile.ZipFile(tmp_path / "bundle.zip") as bundle:
        packed = b"".join(bundle.read(name) for name in bundle.namelist())
    text = packed.decode("utf-8")
    assert "cell 'yeast 7'" in text
    assert "9 × 8 × 7 voxels of 0.05, 0.05, 0.05 µm" in text
    assert "1 nucleus" in text
    assert np.float32(LAC).tobytes() not in packed
    assert "0.489" not in text
    assert bytes(8 * 7) not in packed
    assert "secret-place" not in text


def test_a_bundle_of_a_large_project_stays_small(tmp_path, project):
    noise_ZYX = np.random.default_rng(3).normal(0.3, 0.1, (64, 64, 64)).astype(np.float32)
    tomogram = Tomogram(lac_ZYX=noise_ZYX, voxel_size_um=SIZE_UM)
    project.add_cell(Cell(name="noise", tomogram=tomogram), source="test")

    write_bundle(tmp_path / "bundle.zip", Facts(project=project))

    assert project.path.stat().st_size > noise_ZYX.nbytes
    assert (tmp_path / "bundle.zip").stat().st_size < 10_000


def test_the_user_their_home_and_the_computer_are_masked(monkeypatch, tmp_path):
    home = tmp_path / "home" / "mmustermann"
    home.mkdir(parents=True)
    monkeypatch.setattr(Path, "home", lambda: home)
    monkeypatch.setattr(getpass, "getuser", lambda: "mmustermann")
    monkeypatch.setattr(diagnostics.socket, "gethostname", lambda: "beamline-7")
    log = home / "log"
    log.write_text(f"opened {home}/cells/a.sxt of mmustermann on beamline-7", encoding="utf-8")
    facts = Facts(
        log=log,
        error=f'File "{home}/x.py"',
        settings={"author": "mmustermann", "recent": f"{home}/cells/a.sxt"},
        with_paths=True,
    )

    text = "\n".join(bundle_parts(facts).values())

    assert "mmustermann" not in text
    assert "beamline-7" not in text
    assert "opened ~/cells/a.sxt of (user) on (computer)" in text
    assert 'File "~/x.py"' in text
    assert "recent: ~/cells/a.sxt" in text


def test_a_part_of_another_word_is_not_masked(monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "ann")
    assert masked("channel of ann") == "channel of (user)"


def test_a_user_nobody_can_name_is_no_reason_to_fail(monkeypatch):
    def unknown() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", unknown)
    assert masked("nothing") == "nothing"


def test_settings_leave_places_out_unless_they_are_wanted():
    hexed = b"/data/secret/cells.sxt".hex()
    settings = {
        "key_profile": "napari",
        "library": "/data/library",
        "recent_projects": "/a/b.sxt, C:\\cells\\c.sxt",
        "drive": "C:\\cells",
        f"layouts/{hexed}": "four 0",
    }

    text = settings_text(settings, with_paths=False)

    assert "key_profile: napari" in text
    assert "layouts/(a project): four 0" in text
    assert "/data" not in text
    assert "cells" not in text
    assert hexed not in text
    assert "library: /data/library" in settings_text(settings, with_paths=True)
    assert settings_text({}, with_paths=True) == "Nothing is remembered."


def test_settings_go_in_only_if_the_user_is_willing():
    parts = bundle_parts(Facts(settings={"a": "b"}, with_settings=False))
    assert "settings.txt" not in parts
    assert "settings.txt" not in parts["contents.txt"]
    assert parts["project.txt"] == "No project was open."
    assert parts["log.txt"] == "There is no log."
    assert parts["error.txt"] == "The log has no error."


def test_only_the_end_of_a_long_log_goes_in(tmp_path):
    log = tmp_path / "log"
    line = "a line of forty characters, more or less\n"
    log.write_text("the first line\n" + line * (LOG_BYTES // len(line) + 9) + "the last line\n")

    text = log_tail(log)

    assert len(text) <= LOG_BYTES
    assert text.startswith("a line")
    assert text.endswith("the last line\n")
    assert log_tail(tmp_path / "missing") == ""


def test_the_last_of_several_tracebacks_is_found():
    again = LOG.replace("division by zero", "again").replace("ZeroDivisionError", "ValueError")
    assert last_traceback(LOG + again).endswith("ValueError: again")
    assert last_traceback(LOG).count("\n") == 3
    assert last_traceback("all went well") == ""


def test_a_project_that_is_closed_is_told_in_words(tmp_path, project):
    project.close()
    project.path.unlink()
    assert "cannot be described" in diagnostics.project_text(project)


def test_a_bundle_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(FileError, match=r"no/bundle\.zip"):
        write_bundle(tmp_path / "no" / "bundle.zip", Facts())
