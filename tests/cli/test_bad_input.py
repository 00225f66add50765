"""Bad input gives one clear sentence and exit code 3, and changes nothing."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sxtstudio.cli.main import main
from sxtstudio.core.volume import Volume
from sxtstudio.io.volumes import write_volume
from tests.workflow.cells import VOXEL_UM, ball_cell, write_cell

Prepare = Callable[[Path], None]


def nothing(folder: Path) -> None:
    """Prepare nothing."""


def wrong_format(folder: Path) -> None:
    (folder / "x.mrc").write_text("Dear diary, today I did not record a tomogram. " * 40)


def truncated(folder: Path) -> None:
    content = (folder / "ball.mrc").read_bytes()
    (folder / "x.mrc").write_bytes(content[: len(content) // 2])


def flat(folder: Path) -> None:
    import tifffile

    tifffile.imwrite(folder / "x.tif", np.zeros((30, 40), np.float32))


def not_a_number(folder: Path) -> None:
    values = ball_cell().tomogram.lac_ZYX.copy()
    values[3, 4, :5] = np.nan
    write_volume(folder / "x.mrc", Volume(values_ZYX=values, voxel_size_um=VOXEL_UM))


def infinite(folder: Path) -> None:
    values = ball_cell().tomogram.lac_ZYX.copy()
    values[3, 4, :5] = np.inf
    write_volume(folder / "x.mrc", Volume(values_ZYX=values, voxel_size_um=VOXEL_UM))


def one_value(folder: Path) -> None:
    values = np.full((20, 22, 24), 0.25, np.float32)
    write_volume(folder / "x.mrc", Volume(values_ZYX=values, voxel_size_um=VOXEL_UM))


def zero_voxels(folder: Path) -> None:
    import mrcfile

    with mrcfile.new(folder / "x.mrc") as file:
        file.set_data(np.full((4, 4, 4), 0.3, np.float32))


def no_scale(folder: Path) -> None:
    values = np.arange(64, dtype=np.int16).reshape(4, 4, 4)
    write_volume(folder / "x.mrc", Volume(values_ZYX=values, voxel_size_um=VOXEL_UM))


def other_shape(folder: Path) -> None:
    labels_ZYX = np.ones((24, 26, 27), np.uint8)
    write_volume(folder / "x.mrc", Volume(values_ZYX=labels_ZYX, voxel_size_um=VOXEL_UM))


def plain_labels(folder: Path) -> None:
    labels_ZYX = ball_cell().annotations[0].label_map.labels_ZYX
    write_volume(folder / "x.mrc", Volume(values_ZYX=labels_ZYX, voxel_size_um=VOXEL_UM))


def garbage_network(folder: Path) -> None:
    (folder / "n.sxtnet").write_bytes(b"\xff" * 5000)


def garbage_project(folder: Path) -> None:
    (folder / "x.sxt").write_bytes(b"not HDF5" * 500)


ADD_LABELS = "add p.sxt ball.mrc --labels x.mrc"
CASES: list[tuple[str, Prepare, str, str]] = [
    ("missing file", nothing, "add p.sxt no.mrc", "no.mrc"),
    ("missing file to look at", nothing, "info no.mrc", "no.mrc"),
    ("missing labels", nothing, "add p.sxt ball.mrc --labels no.am", "no.am"),
    ("missing project", nothing, "add no.sxt ball.mrc", "no.sxt"),
    ("missing network", nothing, "segment p.sxt --network no.sxtnet", "no.sxtnet"),
    ("wrong format", wrong_format, "add p.sxt x.mrc", "x.mrc"),
    ("wrong format to look at", wrong_format, "info x.mrc", "x.mrc"),
    ("garbage network", garbage_network, "segment p.sxt --network n.sxtnet", "n.sxtnet"),
    ("garbage network for a file", garbage_network,
     "segment-file ball.mrc --network n.sxtnet --out o.am", "n.sxtnet"),
    ("garbage project", garbage_project, "check x.sxt", "x.sxt"),
    ("truncated file", truncated, "add p.sxt x.mrc", "x.mrc"),
    ("truncated file to convert", truncated, "convert x.mrc y.h5", "x.mrc"),
    ("2D image", flat, "add p.sxt x.tif --voxel-size-nm 40", "x.tif"),
    ("NaN", not_a_number, "add p.sxt x.mrc", "5 of 17472 voxels"),
    ("infinite LAC", infinite, "add p.sxt x.mrc", "5 of 17472 voxels"),
    ("one value everywhere", one_value, "add p.sxt x.mrc", "the same value, 0.25"),
    ("a result in place of its tomogram", nothing,
     "segment-file ball.mrc --network n.sxtnet --out ball.mrc", "is the tomogram itself"),
    ("zero minutes", nothing, "train p.sxt task --network n.sxtnet --minutes 0", "0.1 to 10080"),
    ("negative minutes", nothing, "train p.sxt task --network n.sxtnet --minutes=-3", "-3 minutes"),
    ("endless minutes", nothing, "train p.sxt task --network n.sxtnet --minutes inf", "no time"),
    ("no steps", nothing, "train p.sxt task --network n.sxtnet --steps 0", "at least 4"),
    ("one step", nothing, "train p.sxt task --network n.sxtnet --steps 1", "at least 4"),
    ("a negative seed", nothing, "train p.sxt task --network n.sxtnet --seed=-1", "-1 is negative"),
    ("zero voxel size in the file", zero_voxels, "add p.sxt x.mrc", "--voxel-size-nm"),
    ("zero voxel size asked for", nothing, "add p.sxt ball.mrc --voxel-size-nm 0", "0 nm"),
    ("negative voxel size", nothing, "add p.sxt ball.mrc --voxel-size-nm=-40", "-40 nm"),
    ("two voxel edges", nothing, "add p.sxt ball.mrc --voxel-size-nm 40,40", "40,40"),
    ("no LAC scale", no_scale, "add p.sxt x.mrc", "--lac-per-unit"),
    ("zero LAC scale", no_scale, "add p.sxt x.mrc --lac-per-unit 0", "cannot be true"),
    ("labels of another shape", other_shape, f"{ADD_LABELS} --classes 1=nucleus", "24 × 26 × 27"),
    ("labels without names", plain_labels, ADD_LABELS, "--classes"),
    ("unknown class", plain_labels, f"{ADD_LABELS} --classes 1=nucleos,2=lipid", "nucleos"),
    ("unknown complete class", plain_labels,
     f"{ADD_LABELS} --classes 1=nucleus,2=lipid --complete wings", "wings"),
    ("a value without a class", plain_labels, f"{ADD_LABELS} --classes 1=nucleus", "value 2"),
    ("unknown class in a task", nothing, "task p.sxt t --class unicorn", "unicorn"),
    ("a class used twice", nothing, "task p.sxt t --class nucleus --class a=nucleus", "twice"),
    ("empty library", nothing, "train p.sxt task --network n.sxtnet --steps 4", "no cell has"),
    ("unknown task", nothing, "train p.sxt other --network n.sxtnet", "other"),
    ("nothing to resume", nothing, "train p.sxt task --network n.sxtnet --resume", "--resume"),
    ("unknown cell", nothing, "export p.sxt nobody --what labels --out l.am", "nobody"),
    ("a cell without labels", nothing, "snapshot p.sxt bare --out s.png", "no labels"),
    ("nothing to measure", nothing, "measure p.sxt --csv m.csv", "no cell has labels"),
    ("a format nobody writes", nothing, "convert ball.mrc ball.docx", "docx"),
    ("a project that is there", nothing, "new p.sxt", "p.sxt"),
    ("a name that is taken", nothing, "add p.sxt ball.mrc --name bare", "bare"),
    ("labels against a tomogram", nothing, "score ball_labels.am ball.mrc", "no label"),
    ("a simulated giant", nothing, "simulate s --kind alga --size 9999", "9999"),
]  # fmt: skip


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A project with one unlabelled cell and a task, a tomogram and labels."""
    folder = tmp_path_factory.mktemp("bad")
    write_cell(ball_cell("ball"), folder)
    for words in (
        ["new", "p.sxt"],
        ["add", "p.sxt", "ball.mrc", "--name", "bare"],
        ["task", "p.sxt", "task", "--class", "nucleus"],
    ):
        assert main([str(folder / w) if w in ("p.sxt", "ball.mrc") else w for w in words]) == 0
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("prepare", "words", "clue"),
    [pytest.param(*case[1:], id=case[0].replace(" ", "-")) for case in CASES],
)
def test_bad_input_is_refused_with_a_sentence_and_nothing_changes(
    template: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    prepare: Prepare,
    words: str,
    clue: str,
) -> None:
    for name, content in template.items():
        (tmp_path / name).write_bytes(content)
    prepare(tmp_path)
    monkeypatch.chdir(tmp_path)
    before = contents(tmp_path)
    assert main([*words.split(), "--json"]) == 3
    output, errors = capsys.readouterr()
    sentence = json.loads(output)["error"]
    assert clue in sentence
    assert sentence.endswith((".", "?"))
    assert sentence.count("\n") == 0
    assert errors.strip().splitlines()[-1] == sentence
    assert "Traceback" not in errors
    assert contents(tmp_path) == before
