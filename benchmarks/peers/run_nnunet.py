"""nnU-Net's side of the comparison: ``python run_nnunet.py FOLDER`` does the job in a folder.

Its own planner, preprocessing, augmentation, network, loss, optimiser and sliding window. Two
things are not as it does them by default: it trains until the core-seconds are used up, its poly
schedule over those, and batches are augmented in the process itself (workers would cost more). All
cells are trained on (fold ``all``), because a budget of minutes leaves none for five folds.

``nnunet`` is its plan for 8 GB, ``nnunet-small`` the one for 0.5 GB. ``nnunet-cascade`` puts in
front of the latter a network that sees the whole cell at half resolution, written into the plan by
hand as its integration test does, for it refuses a cascade for cells of this size; two folds of it
give the honest fields that the second stage learns from.
"""

import json
import os
import sys
from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path

import numpy as np

FOLDER = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else Path()
for place in ("raw", "preprocessed", "results"):
    os.environ[f"nnUNet_{place}"] = str(FOLDER / place)

import SimpleITK  # noqa: E402 - nnU-Net reads its folders from the environment when imported
import torch  # noqa: E402
from job import (  # noqa: E402
    Clock,
    Item,
    Job,
    Report,
    core_seconds,
    keep_prediction,
    labels_of,
    lac_of,
    read_job,
    timed,
    write_report,
)
from nnunetv2.experiment_planning.plan_and_preprocess_api import (  # noqa: E402
    extract_fingerprint_dataset,
    plan_experiments,
    preprocess_dataset,
)
from nnunetv2.inference.export_prediction import resample_and_save  # noqa: E402
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor  # noqa: E402
from nnunetv2.training.dataloading.nnunet_dataset import infer_dataset_class  # noqa: E402
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer  # noqa: E402

NUMBER, NAME = 1, "Dataset001_cells"
PLANS = "nnUNetPlans"
MEMORY_GB = {"nnunet": 8.0, "nnunet-small": 0.5, "nnunet-cascade": 0.5}
FULL, COARSE, FINE = "3d_fullres", "3d_lowres", "3d_cascade_fullres"
WORKERS = "nnUNet_n_proc_DA"
COARSE_SHARE = 1 / 3
COARSE_FOLDS = 2
CPU = torch.device("cpu")


class CoreSecondTrainer(nnUNetTrainer):
    """nnU-Net's trainer, ended by a budget of core-seconds instead of 1000 epochs."""

    budget_core_s = 0.0
    spent_core_s = 0.0
    steps = 0

    def run_training(self) -> None:
        """Train until the budget is used up, the learning rate falling over it."""
        self.on_train_start()
        self.network.train()
        clock = Clock(self.budget_core_s)
        for step in clock.steps():
            for group in self.optimizer.param_groups:
                group["lr"] = self.initial_lr * (1 - min(clock.used, 0.999)) ** 0.9
            self.train_step(next(self.dataloader_train))
            self.steps = step
        self.spent_core_s = clock.spent
        self.on_train_end()

    def plot_network_architecture(self) -> None:
        """Leave out the drawing, which is no part of learning."""


def main() -> None:
    """Do the job."""
    from importlib.metadata import version

    job = read_job(FOLDER)
    report = Report(version=version("nnunetv2"), start_up_core_s=core_seconds())
    torch.set_num_threads(job.threads)
    torch.manual_seed(job.seed)
    np.random.seed(job.seed)  # noqa: NPY002 - nnU-Net draws from the global generator
    with timed(report, "preparing_core_s"):
        _write_raw(job)
        _prepare(job)
    predict = _train_cascade(job, report) if job.tool == "nnunet-cascade" else _train(job, report)
    for item in job.unseen:
        with timed(report, "predicting_core_s"):
            labels_ZYX = predict(lac_of(FOLDER, item)[None], list(item.voxel_size_um))
        report.predicted_voxels += labels_ZYX.size
        keep_prediction(FOLDER, item, labels_ZYX)
    report.notes.append("mirroring" if job.mirroring else "without its mirroring")
    write_report(FOLDER, report)


def _write_raw(job: Job) -> None:
    raw = FOLDER / "raw" / NAME
    for name in ("imagesTr", "labelsTr"):
        (raw / name).mkdir(parents=True, exist_ok=True)
    for place in ("preprocessed", "results"):
        (FOLDER / place).mkdir(exist_ok=True)
    for item in job.training:
        _write_nifti(raw / f"imagesTr/{item.name}_0000.nii.gz", lac_of(FOLDER, item), item)
        _write_nifti(raw / f"labelsTr/{item.name}.nii.gz", labels_of(FOLDER, item), item)
    described = {
        "channel_names": {"0": "LAC"},
        "labels": {"background": 0} | {name: k for k, name in enumerate(job.classes, 1)},
        "numTraining": len(job.training),
        "file_ending": ".nii.gz",
        "overwrite_image_reader_writer": "SimpleITKIO",
    }
    (raw / "dataset.json").write_text(json.dumps(described))


def _write_nifti(path: Path, values_ZYX: np.ndarray, item: Item) -> None:
    image = SimpleITK.GetImageFromArray(values_ZYX)
    image.SetSpacing(tuple(float(edge) for edge in reversed(item.voxel_size_um)))
    SimpleITK.WriteImage(image, str(path))


def _prepare(job: Job) -> None:
    extract_fingerprint_dataset(NUMBER, num_processes=1, show_progress_bar=False)
    plan_experiments([NUMBER], gpu_memory_target_in_gb=MEMORY_GB[job.tool])
    configurations = [FULL]
    if job.tool == "nnunet-cascade":
        _add_cascade()
        configurations = [COARSE, FULL]
    preprocess_dataset(NUMBER, PLANS, configurations, num_processes=(1,), show_progress_bar=False)
    os.environ[WORKERS] = "0"  # from here on; planning needs at least one


def _add_cascade() -> None:
    """Write a network for the whole cell at half resolution into the plan."""
    path = FOLDER / "preprocessed" / NAME / f"{PLANS}.json"
    plans = json.loads(path.read_text())
    full = plans["configurations"][FULL]
    shape = [max(1, round(edge / 2)) for edge in full["median_image_size_in_voxels"]]
    strides = full["architecture"]["arch_kwargs"]["strides"]
    multiples = np.prod(strides, axis=0)
    patch = [int(-(-edge // step) * step) for edge, step in zip(shape, multiples, strict=True)]
    plans["configurations"][COARSE] = {
        "data_identifier": f"{PLANS}_{COARSE}",
        "inherits_from": FULL,
        "patch_size": patch,
        "median_image_size_in_voxels": shape,
        "spacing": [2 * edge for edge in full["spacing"]],
        "architecture": deepcopy(full["architecture"]),
        "next_stage": FINE,
    }
    plans["configurations"][FINE] = {"inherits_from": FULL, "previous_stage": COARSE}
    path.write_text(json.dumps(plans, indent=1))


Predict = Callable[..., np.ndarray]


def _trained(
    configuration: str, fold: int | str, budget_core_s: float, report: Report
) -> CoreSecondTrainer:
    place = FOLDER / "preprocessed" / NAME
    plans = json.loads((place / f"{PLANS}.json").read_text()) | {"continue_training": False}
    described = json.loads((place / "dataset.json").read_text())
    trainer = CoreSecondTrainer(plans, configuration, fold, described, CPU)
    trainer.budget_core_s = budget_core_s
    trainer.run_training()
    trainer.set_deep_supervision_enabled(False)
    trainer.network.eval()
    report.training_core_s += trainer.spent_core_s
    report.steps += trainer.steps
    report.step_core_s = trainer.spent_core_s / trainer.steps
    sizes = "×".join(map(str, trainer.configuration_manager.patch_size))
    batch = trainer.configuration_manager.batch_size
    report.notes.append(f"{configuration} {sizes}, batch {batch}: {trainer.steps} steps")
    return trainer


def _predictor(trainers: Sequence[CoreSecondTrainer], *, mirroring: bool) -> nnUNetPredictor:
    predictor = nnUNetPredictor(use_mirroring=mirroring, device=CPU, allow_tqdm=False)
    first = trainers[0]
    predictor.manual_initialization(
        first.network,
        first.plans_manager,
        first.configuration_manager,
        [deepcopy(trainer.network.state_dict()) for trainer in trainers],
        first.dataset_json,
        CoreSecondTrainer.__name__,
        first.inference_allowed_mirroring_axes,
    )
    return predictor


def _train(job: Job, report: Report) -> Predict:
    trainer = _trained(FULL, "all", job.budget_core_s, report)
    predictor = _predictor([trainer], mirroring=job.mirroring)

    def predict(lac_CZYX: np.ndarray, spacing: list[float]) -> np.ndarray:
        return predictor.predict_single_npy_array(lac_CZYX, {"spacing": spacing})

    return predict


def _train_cascade(job: Job, report: Report) -> Predict:
    _split(job)
    share = job.budget_core_s * COARSE_SHARE
    coarse: list[CoreSecondTrainer] = []
    fields = Report()
    for fold in range(COARSE_FOLDS):
        trainer = _trained(COARSE, fold, share / COARSE_FOLDS, report)
        with timed(fields, "training_core_s"):
            _keep_fields(trainer, mirroring=job.mirroring)
        coarse.append(trainer)
    report.training_core_s += fields.training_core_s
    left = job.budget_core_s - report.training_core_s
    fine = _trained(FINE, "all", max(left, 1.0), report)
    first = _predictor(coarse, mirroring=job.mirroring)
    second = _predictor([fine], mirroring=job.mirroring)

    def predict(lac_CZYX: np.ndarray, spacing: list[float]) -> np.ndarray:
        found = first.predict_single_npy_array(lac_CZYX, {"spacing": list(spacing)})
        return second.predict_single_npy_array(
            lac_CZYX, {"spacing": list(spacing)}, found[None].astype(np.float32)
        )

    return predict


def _split(job: Job) -> None:
    """Tell nnU-Net which cells each fold of the coarse network holds out."""
    names = [item.name for item in job.training]
    splits = [
        {"train": [n for n in names if n not in names[fold::2]], "val": names[fold::2]}
        for fold in range(COARSE_FOLDS)
    ]
    path = FOLDER / "preprocessed" / NAME / "splits_final.json"
    path.write_text(json.dumps(splits))


def _keep_fields(trainer: CoreSecondTrainer, *, mirroring: bool) -> None:
    """Write what a fold says about the cells it had not seen, where the next stage looks for it."""
    predictor = _predictor([trainer], mirroring=mirroring)
    _, held_out = trainer.do_split()
    cells = trainer.dataset_class(trainer.preprocessed_dataset_folder, held_out)
    place = FOLDER / "preprocessed" / NAME
    fine = trainer.plans_manager.get_configuration(FINE)
    finer = str(place / fine.data_identifier)
    kind = infer_dataset_class(finer)
    target = Path(trainer.output_folder_base) / "predicted_next_stage" / FINE
    target.mkdir(parents=True, exist_ok=True)
    for name in held_out:
        data, _, _, properties = cells.load_case(name)
        logits = predictor.predict_sliding_window_return_logits(torch.from_numpy(data[:]))
        shape = kind(finer, [name]).load_case(name)[0].shape[1:]
        resample_and_save(
            logits,
            shape,
            str(target / name),
            trainer.plans_manager,
            trainer.configuration_manager,
            properties,
            trainer.dataset_json,
            torch.get_num_threads(),
            kind,
        )


if __name__ == "__main__":
    main()
