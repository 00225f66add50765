"""A plan of two stages for the tests."""

from sxtstudio.core.plan import Fold, Plan, Stage
from sxtstudio.core.task import Task, TaskClass

COARSE = Stage(
    factor=(4, 4, 4),
    patch=(24, 32, 32),
    batch_size=2,
    base_channels=8,
    levels=3,
    learning_rate=3e-3,
    share=0.2,
    whole=True,
)
FINE = Stage(
    factor=(1, 1, 1),
    patch=(32, 32, 32),
    batch_size=2,
    base_channels=8,
    levels=4,
    learning_rate=3e-3,
    share=0.8,
    whole=False,
)
TASK = Task(name="fat", classes=(TaskClass(name="lipid", members=("lipid",)),))
PLAN = Plan(
    task=TASK,
    seed=0,
    device="cpu",
    threads=1,
    precision="float32",
    minutes=10.0,
    steps=None,
    voxel_size_um=(0.05, 0.05, 0.05),
    lac_centre_per_um=0.25,
    lac_scale_per_um=0.1,
    class_weights=(1.0, 2.0),
    stages=(COARSE, FINE),
    training=("a", "b"),
    validation=("c",),
    folds=(Fold(training=("a",), held_out=("b",)), Fold(training=("b",), held_out=("a",))),
    reasons=("Because.",),
    risks=("Only a shows lipid.",),
)
CELLS = ("a", "b", "c", "d")
