"""``check`` finds whatever is wrong with a project, each with what can be done about it."""

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from sxtstudio.core.errors import ProjectError
from sxtstudio.project.entries import read_record, write_record
from sxtstudio.project.project import Project
from sxtstudio.project.records import CellRecord, LabelVersion
from tests.project.samples import (
    TASK,
    sample_card,
    sample_cell,
    sample_network_file,
    sample_novelty_map,
    sample_prediction,
    sample_table,
)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    with Project.create(folder / "study.sxt") as project:
        project.add_cell(sample_cell("a", 1, annotations=2))
        project.add_cell(sample_cell("b", 2))
        told = replace(sample_prediction(3), novelty_map=sample_novelty_map(3))
        project.add_prediction("a", told)
        project.add_task(TASK)
        project.add_network(sample_network_file(folder), sample_card())
        project.add_measurement("a", "v000001", sample_table())
        assert project.check() == ()
    return folder


@pytest.fixture
def path(sound: Path, tmp_path: Path) -> Path:
    for name in ("study.sxt", "net.sxtnet"):
        shutil.copy(sound / name, tmp_path / name)
    return tmp_path / "study.sxt"


def _cell(root: h5py.File, name: str = "a") -> h5py.Group:
    return next(group for group in root["cells"].values() if group.attrs["name"] == name)


def _only(root: h5py.File, part: str) -> h5py.Group:
    (group,) = root[part].values()
    return group


def _tomogram_value(root: h5py.File) -> None:
    _cell(root)["tomogram"][3, 4, 5] += 0.01


def _tomogram_missing(root: h5py.File) -> None:
    del _cell(root)["tomogram"]


def _tomogram_and_its_checksum(root: h5py.File) -> None:
    _cell(root)["tomogram"].attrs["sha256"] = "0" * 64


def _tomogram_of_another_cell(root: h5py.File) -> None:
    del _cell(root)["tomogram"]
    root.copy(_cell(root, "b")["tomogram"], _cell(root), "tomogram")


def _tomogram_shape(root: h5py.File) -> None:
    del _cell(root)["tomogram"]
    _cell(root).create_dataset("tomogram", data=np.zeros((2, 2, 2), np.float32))


def _tomogram_voxel_size(root: h5py.File) -> None:
    _cell(root)["tomogram"].attrs["voxel_size_um"] = (1.0, 1.0, 1.0)


def _label_value(root: h5py.File) -> None:
    labels = _cell(root)["versions/v000002/labels"]
    labels[0, 0, 0] = (labels[0, 0, 0] + 1) % 3


def _nameless_label(root: h5py.File) -> None:
    _cell(root)["versions/v000002/labels"][0, 0, 0] = 77


def _labels_missing(root: h5py.File) -> None:
    del _cell(root)["versions/v000002/labels"]


def _labels_voxel_size(root: h5py.File) -> None:
    del _cell(root)["versions/v000001/labels"].attrs["voxel_size_um"]


def _labels_type(root: h5py.File) -> None:
    group = _cell(root)["versions/v000001"]
    values = group["labels"][()].astype(np.float32)
    del group["labels"]
    group["labels"] = values


def _probability_value(root: h5py.File) -> None:
    p_KZYX = _cell(root)["versions/v000003/probabilities"]
    p_KZYX[1, 2, 3, 4] ^= 1


def _probabilities_missing(root: h5py.File) -> None:
    del _cell(root)["versions/v000003/probabilities"]


def _uncertainty_value(root: h5py.File) -> None:
    _cell(root)["versions/v000003/uncertainty"][0, 0, 0] ^= 1


def _novelty_value(root: h5py.File) -> None:
    _cell(root)["versions/v000003/novelty"][0, 0, 0] ^= 1


def _novelty_shape(root: h5py.File) -> None:
    group = _cell(root)["versions/v000003"]
    del group["novelty"]
    group["novelty"] = np.zeros((3, 3, 3), np.uint8)


def _novelty_voxel_size(root: h5py.File) -> None:
    _cell(root)["versions/v000003/novelty"].attrs["voxel_size_um"] = (1.0, 1.0, 1.0)


def _record_text(root: h5py.File) -> None:
    group = _cell(root)
    group.attrs["record"] = group.attrs["record"].replace("0.036", "0.063")


def _record_missing(root: h5py.File) -> None:
    del _cell(root)["versions/v000001"].attrs["record"]


def _record_of_another_kind(root: h5py.File) -> None:
    write_record(_only(root, "tasks"), read_record(_cell(root), CellRecord, ""))


def _impossible_voxel_size(root: h5py.File) -> None:
    group = _cell(root)
    record = read_record(group, CellRecord, "")
    write_record(group, replace(record, voxel_size_um=(0.0, 1.0, 1.0)))


def _version_under_another_id(root: h5py.File) -> None:
    root.move(f"{_cell(root).name}/versions/v000002", f"{_cell(root).name}/versions/v000007")


def _cell_under_another_id(root: h5py.File) -> None:
    root.move(_cell(root, "b").name, "cells/0123456789ab")


def _name_attribute(root: h5py.File) -> None:
    _cell(root).attrs["name"] = "z"


def _two_of_a_name(root: h5py.File) -> None:
    group = _cell(root, "b")
    record = read_record(group, CellRecord, "")
    write_record(group, replace(record, name="a"))
    group.attrs["name"] = "a"


def _measured_version_missing(root: h5py.File) -> None:
    del _cell(root)["versions/v000001"]


def _measurement_under_another_id(root: h5py.File) -> None:
    root.move(_only(root, "measurements").name, "measurements/0123456789ab")


def _network_card_missing(root: h5py.File) -> None:
    del _only(root, "networks").attrs["card"]


def _network_under_another_id(root: h5py.File) -> None:
    root.move(_only(root, "networks").name, "networks/0123456789ab")


def _history_row_lost(root: h5py.File) -> None:
    root["history"].resize((3,))


def _versions_missing(root: h5py.File) -> None:
    del _cell(root, "b")["versions"]


def _label_names(root: h5py.File) -> None:
    group = _cell(root)["versions/v000001"]
    record = read_record(group, LabelVersion, "")
    write_record(group, replace(record, names={1: "nucleus"}))


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (_tomogram_value, "the values of its tomogram have changed on the disk"),
        (_tomogram_missing, "tomogram is missing"),
        (_tomogram_and_its_checksum, "the values of its tomogram have changed on the disk"),
        (_tomogram_of_another_cell, "its tomogram is another than when it was added"),
        (_tomogram_shape, "its tomogram are float32 of"),
        (_tomogram_voxel_size, "the voxel size of its tomogram is not that of the cell"),
        (_label_value, "'a' v000002: the values of its labels have changed on the disk"),
        (_nameless_label, "the label value 77 stands for no class"),
        (_labels_missing, "labels is missing"),
        (_labels_voxel_size, "the voxel size of its labels is not that of the cell"),
        (_labels_type, "its labels are float32 of"),
        (_probability_value, "the values of its probabilities have changed on the disk"),
        (_probabilities_missing, "probabilities is missing"),
        (_uncertainty_value, "the values of its uncertainty have changed on the disk"),
        (_novelty_value, "the values of its novelty have changed on the disk"),
        (_novelty_shape, "its novelty map does not cover the cell"),
        (_novelty_voxel_size, "the voxel size of its novelty is not that of the cell"),
        (_record_text, "its record is damaged"),
        (_record_missing, "its record is damaged"),
        (_record_of_another_kind, "the task in it cannot be read"),
        (_impossible_voxel_size, "a voxel edge of 0 nm cannot be true"),
        (_version_under_another_id, "its id is v000002"),
        (_cell_under_another_id, "is stored as /cells/0123456789ab, but its id is"),
        (_name_attribute, "another program changed its name in the file"),
        (_two_of_a_name, "two of them are called 'a'"),
        (_measured_version_missing, "the labels it was made from"),
        (_measurement_under_another_id, "the measurement of .*: its id is"),
        (_network_card_missing, "its card is damaged"),
        (_network_under_another_id, "its record and its card do not agree"),
        (_history_row_lost, "its history does not hold every change"),
        (_versions_missing, "versions is missing"),
        (_label_names, "the label value 2 stands for no class"),
    ],
)
def test_seeded_damage_is_found(
    path: Path, damage: Callable[[h5py.File], None], sentence: str
) -> None:
    with h5py.File(path, "r+") as root:
        damage(root)
    with Project.open(path, read_only=True) as project:
        problems = project.check()
    assert problems
    found = [problem for problem in problems if re.search(sentence, problem)]
    assert found, problems
    assert all(problem.startswith(str(path)) and problem.endswith(".") for problem in problems)


def test_a_network_file_that_is_missing_or_changed_is_found(tmp_path: Path) -> None:
    with Project.create(tmp_path / "study.sxt") as project:
        network = sample_network_file(tmp_path)
        project.add_network(network, sample_card())
        network.write_bytes(b"other weights")
        (problem,) = project.check()
        assert "net.sxtnet has changed; put the original back" in problem
        network.unlink()
        (problem,) = project.check()
        assert "net.sxtnet is missing; put it back there, or add it again" in problem
        assert Path(project.networks()[0].path) == network


def test_damage_in_one_cell_leaves_the_others_readable(path: Path) -> None:
    with h5py.File(path, "r+") as root:
        _record_text(root)
        b = _cell(root, "b").name.rpartition("/")[2]
    with Project.open(path) as project:
        with pytest.raises(ProjectError, match="its record is damaged; restore the project"):
            project.cells()
        assert project.cell(b).name == "b"
        assert len(project.check()) == 1


def test_a_bit_that_flips_anywhere_in_the_values_is_found(path: Path) -> None:
    """Flip one bit of each compressed or plain chunk of the file, not through HDF5."""
    with h5py.File(path, "r") as root:
        places: list[int] = []

        def collect(name: str, item: object) -> None:
            if isinstance(item, h5py.Dataset) and name != "history":
                for number in range(item.id.get_num_chunks()):
                    chunk = item.id.get_chunk_info(number)
                    places.append(chunk.byte_offset + chunk.size // 2)

        root.visititems(collect)
    content = path.read_bytes()
    assert len(places) > 10
    for place in places:
        damaged = bytearray(content)
        damaged[place] ^= 16
        path.write_bytes(damaged)
        with Project.open(path, read_only=True) as project:
            assert project.check(), f"byte {place}"
