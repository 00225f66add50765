"""What stands on a network package is read without torch; other files are refused."""

import json
import struct
from pathlib import Path

import pytest

from sxtstudio.core.errors import FileError
from sxtstudio.core.network_card import NetworkCard, StageScore, TrainingCell
from sxtstudio.core.plan import Fold, Plan, Stage
from sxtstudio.core.provenance import made_by
from sxtstudio.core.records import to_json
from sxtstudio.core.task import Task, TaskClass
from sxtstudio.io.network_card import METADATA_KEY, read_network_card


def make_card() -> NetworkCard:
    stage = Stage(
        factor=(2, 2, 2),
        patch=(48, 48, 48),
        batch_size=1,
        base_channels=16,
        levels=3,
        learning_rate=1e-3,
        share=0.5,
        whole=True,
    )
    plan = Plan(
        task=Task(name="organelles", classes=(TaskClass(name="nucleus", members=("nucleus",)),)),
        seed=7,
        device="cpu",
        threads=2,
        precision="float32",
        minutes=4.0,
        steps=None,
        voxel_size_um=(0.03, 0.04, 0.05),
        lac_centre_per_um=0.3,
        lac_scale_per_um=0.15,
        class_weights=(1.0, 2.0),
        stages=(stage,),
        training=("a", "b"),
        validation=("c",),
        folds=(Fold(training=("a",), held_out=("b",)),),
        reasons=("because",),
    )
    return NetworkCard(
        plan=plan,
        colours={1: "#ff0000"},
        cells=(TrainingCell(name="a", sha256="0" * 64),),
        scores=(StageScore(stage=1, dice={"nucleus": 0.9}, cells=("c",)),),
        steps_done=100,
        training_s=12.5,
        made_by=made_by("tests.io"),
    )


def package(path: Path, metadata: object, *, length: int | None = None) -> Path:
    header = json.dumps({"__metadata__": metadata}).encode()
    path.write_bytes(struct.pack("<Q", len(header) if length is None else length) + header)
    return path


def test_a_card_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = package(tmp_path / "a.sxtnet", {METADATA_KEY: to_json(make_card())})
    assert read_network_card(path) == make_card()


@pytest.mark.parametrize(
    ("metadata", "length"),
    [({}, None), ("text", None), ({METADATA_KEY: "{}"}, 3), ({METADATA_KEY: "{}"}, 2**60)],
)
def test_other_safetensors_and_broken_lengths_are_refused(metadata, length, tmp_path) -> None:
    path = package(tmp_path / "a.sxtnet", metadata, length=length)
    with pytest.raises(FileError, match="is not a network of SXT Studio"):
        read_network_card(path)


@pytest.mark.parametrize("content", [b"", b"1234", b"\x05\0\0\0\0\0\0\0hello"])
def test_a_truncated_package_is_refused_with_a_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.sxtnet"
    path.write_bytes(content)
    with pytest.raises(FileError, match="is not a network of SXT Studio"):
        read_network_card(path)


def test_a_card_of_the_wrong_shape_is_refused(tmp_path: Path) -> None:
    path = package(tmp_path / "a.sxtnet", {METADATA_KEY: '{"plan": 3}'})
    with pytest.raises(FileError, match="cannot be read"):
        read_network_card(path)


def test_a_missing_package_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there is no such file"):
        read_network_card(tmp_path / "nothing.sxtnet")
    with pytest.raises(FileError, match="cannot be read"):
        read_network_card(tmp_path)
