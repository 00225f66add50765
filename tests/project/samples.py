"""Small cells, labels, predictions and networks, every one made from a seed."""

from pathlib import Path

import numpy as np

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.network_card import NetworkCard, StageScore, TrainingCell
from sxtstudio.core.novelty_map import NoveltyMap
from sxtstudio.core.plan import Fold, Plan, Stage
from sxtstudio.core.prediction import Prediction
from sxtstudio.core.provenance import made_by
from sxtstudio.core.table import Column, MeasurementTable
from sxtstudio.core.task import Task, TaskClass
from sxtstudio.core.volume import LabelMap, Tomogram, VoxelSize

VOXEL_UM: VoxelSize = (0.036, 0.0361, 0.04)
SHAPE = (20, 70, 9)

TASK = Task(
    name="Kern & Öl",
    classes=(
        TaskClass(name="nucleus", members=("nucleus", "nucleolus")),
        TaskClass(name="lipid", members=("lipid_body",)),
    ),
)


def sample_tomogram(seed: int, shape: tuple[int, int, int] = SHAPE) -> Tomogram:
    rng = np.random.default_rng(seed)
    return Tomogram(lac_ZYX=rng.normal(0.3, 0.1, shape).astype(np.float32), voxel_size_um=VOXEL_UM)


def sample_annotation(
    seed: int, shape: tuple[int, int, int] = SHAPE, dtype: type = np.uint8
) -> Annotation:
    rng = np.random.default_rng(seed)
    labels_ZYX = rng.integers(0, 3, shape).astype(dtype)
    names = {1: "nucleus", 2: "mitochondrion"}
    return Annotation(
        label_map=LabelMap(labels_ZYX=labels_ZYX, names=names, voxel_size_um=VOXEL_UM),
        complete=frozenset({"nucleus", "vacuole"}),
        author="Ada",
        made_by=made_by("tests.draw", {"seed": seed}, ("x",)),
    )


def sample_cell(
    name: str, seed: int, *, annotations: int = 1, shape: tuple[int, int, int] = SHAPE
) -> Cell:
    return Cell(
        name=name,
        tomogram=sample_tomogram(seed, shape),
        annotations=tuple(sample_annotation(seed + i, shape) for i in range(annotations)),
        species="Chlamydomonas reinhardtii",
        strain="cw15",
        condition="nitrogen-starved",
        instrument="XM-2",
    )


def sample_prediction(seed: int, shape: tuple[int, int, int] = SHAPE) -> Prediction:
    rng = np.random.default_rng(seed)
    return Prediction(
        label_map=LabelMap(
            labels_ZYX=rng.integers(0, 3, shape).astype(np.uint8),
            names=TASK.names,
            voxel_size_um=VOXEL_UM,
        ),
        probability_KZYX=rng.integers(0, 256, (2, *shape)).astype(np.uint8),
        uncertainty_ZYX=rng.integers(0, 256, shape).astype(np.uint8),
        task=TASK.name,
        network_sha256="ab" * 32,
        colours={1: "#ff0000", 2: "#00ff00"},
        made_by=made_by("tests.predict", {"seed": seed}),
    )


def sample_novelty_map(seed: int, shape: tuple[int, int, int] = SHAPE) -> NoveltyMap:
    counts = [-(-n // 4) for n in shape]
    levels_ZYX = np.random.default_rng(seed).integers(0, 256, counts).astype(np.uint8)
    return NoveltyMap(levels_ZYX=levels_ZYX, step=(4.0, 4.0, 4.0))


def sample_table() -> MeasurementTable:
    return MeasurementTable(
        columns=(
            Column(name="class", description="what"),
            Column(name="count", description="how many"),
            Column(name="volume_um3", description="how large"),
            Column(name="surface_um2", description="not measured"),
        ),
        rows=(("nucleus", 1, 2.5, None), ("lipid", 17, 4.0, None)),
        made_by=made_by("tests.measure"),
    )


def sample_card() -> NetworkCard:
    stage = Stage(
        factor=(2, 2, 2),
        patch=(32, 32, 32),
        batch_size=2,
        base_channels=8,
        levels=3,
        learning_rate=0.01,
        share=1.0,
        whole=True,
    )
    plan = Plan(
        task=TASK,
        seed=1,
        device="cpu",
        threads=1,
        precision="float32",
        minutes=None,
        steps=20,
        voxel_size_um=VOXEL_UM,
        lac_centre_per_um=0.3,
        lac_scale_per_um=0.2,
        class_weights=(1.0, 1.0, 2.0),
        stages=(stage,),
        training=("a",),
        validation=(),
        folds=(Fold(training=("a",), held_out=()),),
        reasons=("few cells",),
    )
    return NetworkCard(
        plan=plan,
        colours={1: "#ff0000", 2: "#00ff00"},
        cells=(TrainingCell(name="a", sha256="cd" * 32),),
        scores=(StageScore(stage=1, dice={"nucleus": 0.9}, cells=("a",), honest=False),),
        steps_done=20,
        training_s=3.5,
        made_by=made_by("tests.train"),
    )


def sample_network_file(folder: Path, content: bytes = b"weights") -> Path:
    path = folder / "net.sxtnet"
    path.write_bytes(content)
    return path
