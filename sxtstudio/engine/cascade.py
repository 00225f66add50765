"""Training the cascade: each stage learns from honest fields of the one before."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from sxtstudio.core.cell import Cell
from sxtstudio.core.events import Notice, Progress, Report, Wish, never
from sxtstudio.core.network_card import NetworkCard, Parent, TrainingCell
from sxtstudio.core.novelty import Description, describe_tomogram
from sxtstudio.core.novelty_map import ordinary_distances
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.plan import Plan, Stage, runs_of
from sxtstudio.core.provenance import made_by
from sxtstudio.core.records import to_json
from sxtstudio.core.task import class_colour
from sxtstudio.engine.augmentation import augment, equal_axes
from sxtstudio.engine.beginning import Forerunner, begin, read_forerunner
from sxtstudio.engine.checkpoint import read_state
from sxtstudio.engine.comparing import compare
from sxtstudio.engine.device import device_words, resolve_device
from sxtstudio.engine.familiarity import ClassFeatures, Familiarity
from sxtstudio.engine.features import Sighting, describe_reference, sight
from sxtstudio.engine.inference import TileInput
from sxtstudio.engine.lanes import Lanes
from sxtstudio.engine.losses import States
from sxtstudio.engine.pace import Pace, not_yet_words
from sxtstudio.engine.package import Cascade, make_network, save_package
from sxtstudio.engine.planning import validation_words
from sxtstudio.engine.preparation import (
    CoarseCell,
    PreparedCell,
    coarsen,
    lac_sha256,
    prepare_cells,
)
from sxtstudio.engine.preview import (
    Picture,
    cell_to_preview,
    coarse_picture,
    fine_picture,
    telling_voxel,
)
from sxtstudio.engine.replay import replayed_patches, replayed_wholes
from sxtstudio.engine.sampling import Batch, Source, View, make_source, patch_batch
from sxtstudio.engine.scoring import (
    Checkup,
    check_coarse,
    check_patches,
    score_cascade,
    unhelpful_words,
)
from sxtstudio.engine.training import VALIDATIONS, Budget, Course, Lessons, train_network
from sxtstudio.engine.unet import UNet
from sxtstudio.engine.views import other_views, other_wedges, tilt_some
from sxtstudio.engine.wedge import Wedge

VALIDATION_PATCHES = 8
NETWORK_NAME = "network.sxtnet"

Fields = Mapping[str, np.ndarray]
"""Cell name → probabilities of the task's classes on the coarse grid, (K, Z, Y, X) float16."""

Views = Mapping[str, Sequence[View]]
"""Training cell → its honest views, the cell as it is first."""

Seen = Mapping[str, tuple[Sighting, Sighting | None]]
"""Cell name → what the kept coarse network sees, and what one that was not trained on the cell."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Trained:
    """A network, its steps, and the sha256 of the cells that it and its ancestors learned from."""

    network: UNet
    steps: int
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Coarse:
    """The kept network of a whole-cell stage, its cross-fitted ones, and what they honestly see.

    ``views`` are those of training cells, by name, and ``familiarity`` is None where every network
    was trained on every cell.
    """

    kept: Trained
    folds: tuple[Trained, ...] = ()
    fields: Fields
    views: Views
    seen: Seen
    familiarity: Familiarity | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Stages:
    """The kept networks, and what came of the whole-cell stage, if there is one."""

    networks: tuple[UNet, ...]
    coarse: Coarse | None
    steps: int

    @property
    def folds(self) -> tuple[Trained, ...]:
        """The cross-fitted networks of stage 1."""
        return self.coarse.folds if self.coarse else ()

    @property
    def fields(self) -> Fields:
        """Honest fields of stage 1."""
        return self.coarse.fields if self.coarse else {}

    @property
    def seen(self) -> Seen:
        """What is seen of cells as wholes."""
        return self.coarse.seen if self.coarse else {}


@dataclass(frozen=True, kw_only=True, eq=False)
class Setting:
    """What all stages of one training share; ``sha256`` are those of the cells' LAC, by name."""

    plan: Plan
    cells: Mapping[str, PreparedCell]
    sha256: Mapping[str, str]
    forerunner: Forerunner | None
    states: States
    lanes: Lanes
    folder: Path
    identity: str
    pace: Pace
    finish: Wish


def train_cascade(
    plan: Plan,
    cells: Sequence[Cell],
    ontology: Ontology,
    folder: Path,
    report: Report,
    finish: Wish = never,
    *,
    parent: Path | None = None,
) -> Path:
    """Train every stage of a plan and return the path of the network package in ``folder``.

    ``parent`` is the package that the plan begins from, if it begins from one. Checkpoints in
    ``folder`` of the same plan and cells are gone on from. Cancelling keeps them. ``finish`` ends
    the last stage early, once it was validated; before, a notice says when.
    """
    started = time.monotonic()
    device = resolve_device(plan.device)
    report(Notice(text=f"Training on {device_words(device, plan.threads)}."))
    if not plan.validation:
        report(Notice(text=validation_words(plan.validation), level="warning"))
    report(Progress(text="preparing the cells", fraction=0.0))
    prepared, states = prepare_cells(cells, plan, ontology, folder / "cells")
    facts = tuple(map(_training_cell, cells))
    forerunner = read_forerunner(parent, plan, device) if parent else None
    with closing(Lanes(device, plan.threads)) as lanes:
        setting = Setting(
            plan=plan,
            cells={cell.name: cell for cell in prepared},
            sha256={fact.name: fact.sha256 for fact in facts},
            forerunner=forerunner,
            states=states,
            lanes=lanes,
            folder=folder,
            identity=_identity(plan, facts),
            pace=Pace(plan, report),
            finish=finish,
        )
        stages = _train_stages(setting)
        report(Progress(text="scoring", fraction=0.97))
        card = _card(setting, stages, cells, facts, ontology)
    package = Cascade(
        card=replace(card, training_s=round(time.monotonic() - started, 1)),
        networks=stages.networks,
        folds=tuple(fold.network for fold in stages.folds),
        familiarity=stages.coarse.familiarity if stages.coarse else None,
    )
    save_package(folder / NETWORK_NAME, package)
    report(Progress(text="trained", fraction=1.0))
    return folder / NETWORK_NAME


def _card(
    setting: Setting,
    stages: Stages,
    cells: Sequence[Cell],
    facts: Sequence[TrainingCell],
    ontology: Ontology,
) -> NetworkCard:
    """Return the card of trained networks, scored and calibrated on spared cells."""
    plan = setting.plan
    scores, calibration = score_cascade(
        plan, stages.networks, setting.cells, setting.states, stages.fields, setting.lanes
    )
    words = unhelpful_words(scores)
    if words:
        setting.pace(Notice(text=words, level="warning"))
    if calibration is not None:
        setting.pace(Notice(text=calibration.words))
    return NetworkCard(
        plan=plan,
        colours=task_colours(plan, ontology),
        cells=tuple(fact for fact in facts if fact.name in plan.training),
        scores=scores,
        steps_done=stages.steps,
        training_s=0.0,
        made_by=made_by("engine.cascade.train_cascade", inputs=tuple(f.sha256 for f in facts)),
        references=_references(cells, stages.seen),
        spared=tuple(fact for fact in facts if fact.name in plan.validation),
        fold_cells=tuple(fold.cells for fold in stages.folds),
        parent=_parent(setting, stages.networks),
        calibration=calibration,
    )


def task_colours(plan: Plan, ontology: Ontology) -> dict[int, str]:
    """Return label value → colour of the classes of a task."""
    classes = enumerate(plan.task.classes, start=1)
    return {value: class_colour(item, ontology) for value, item in classes}


def _training_cell(cell: Cell) -> TrainingCell:
    return TrainingCell(name=cell.name, sha256=lac_sha256(cell), library_ids=cell.library_ids)


def _references(cells: Sequence[Cell], seen: Seen) -> tuple[Description, ...]:
    """Return what new cells are compared with."""
    return tuple(
        describe_reference(describe_tomogram(cell.name, cell.tomogram), *seen.get(cell.name, ()))
        for cell in cells
    )


def _parent(setting: Setting, networks: Sequence[UNet]) -> Parent | None:
    """Return what the card says of the network that was begun from; an improvement is measured."""
    plan, forerunner = setting.plan, setting.forerunner
    if forerunner is None or plan.beginning is None:
        return None
    parent = forerunner.parent()
    if not plan.beginning.improves:
        return parent
    learned = forerunner.cascade.card.learned
    known = [name for name, sha256 in setting.sha256.items() if sha256 in learned]
    pair = (forerunner.cascade.networks, networks)
    compared = compare(plan, pair, setting.cells, known, setting.states, setting.lanes)
    return replace(parent, compared=compared)


def _train_stages(setting: Setting) -> Stages:
    networks: list[UNet] = []
    coarse: Coarse | None = None
    steps = 0
    for stage in range(len(setting.plan.stages)):
        last = stage == len(setting.plan.stages) - 1
        if setting.plan.stages[stage].whole and not last:
            coarse = _train_coarse(setting, stage)
            trained = coarse.kept
            steps += sum(fold.steps for fold in coarse.folds)
        else:
            trained = _train_fine(setting, stage, coarse)
        networks.append(trained.network)
        steps += trained.steps
    return Stages(networks=tuple(networks), coarse=coarse, steps=steps)


def _train_coarse(setting: Setting, stage: int) -> Coarse:
    """Train a whole-cell stage and its folds."""
    plan, spec = setting.plan, setting.plan.stages[stage]
    coarse = {n: coarsen(cell, spec.factor, setting.states) for n, cell in setting.cells.items()}
    scaled = {name: cell.scaled_ZYX for name, cell in coarse.items()}
    fields: dict[str, np.ndarray] = {}
    views: dict[str, list[View]] = {}
    honest: dict[str, Sighting] = {}
    distances: list[np.ndarray] = []
    folds: list[Trained] = []
    kept = _train_whole(setting, stage, 0, coarse, plan.training, plan.validation)
    for fold, split in enumerate(plan.folds, start=1):
        trained = _train_whole(setting, stage, fold, coarse, split.training, split.held_out)
        parts = (split.training, split.held_out)
        seen = sight(trained.network, scaled, parts, plan, setting.lanes.device)
        fields |= {name: seen.fields[name] for name in split.held_out}
        honest |= {name: seen.sightings[name] for name in split.held_out}
        views |= {name: _views(setting, stage, trained, coarse[name]) for name in split.held_out}
        distances += seen.distances.values()
        folds.append(trained)
    parts = (plan.training, plan.validation)
    seen = sight(kept.network, scaled, parts, plan, setting.lanes.device)
    honest |= {name: seen.sightings[name] for name in plan.validation}
    distances += seen.distances.values()
    return Coarse(
        kept=kept,
        folds=tuple(folds),
        fields={**seen.fields, **fields},
        views={name: [View(field_KZYX=fields[name]), *views[name]] for name in fields},
        seen={name: (it, honest.get(name)) for name, it in seen.sightings.items()},
        familiarity=_familiarity(seen.classes, distances),
    )


def _views(setting: Setting, stage: int, trained: Trained, cell: CoarseCell) -> list[View]:
    """Return views of a cell, other than as it is, by a network that was not trained on it."""
    plan = setting.plan
    voxel_um = _stage_voxel_size(plan, plan.stages[stage])
    wedges = _other_wedges(plan, cell.name)
    return other_views(trained.network, cell, voxel_um, wedges, setting.lanes.device)


def _bare_views(plan: Plan) -> Views:
    """Return views of cells that no stage has seen before."""
    return {
        name: [View(), *(View(wedge=wedge) for wedge in _other_wedges(plan, name))]
        for name in plan.training
    }


def _other_wedges(plan: Plan, name: str) -> list[Wedge | None]:
    return other_wedges(name, plan.wedge_share, plan.seed)


def _familiarity(classes: ClassFeatures, distances: Sequence[np.ndarray]) -> Familiarity | None:
    """Return what tells unlike places, by distances in cells that networks did not learn from."""
    if not distances:
        return None
    return Familiarity(classes=classes, ordinary=ordinary_distances(distances))


def _train_whole(
    setting: Setting,
    stage: int,
    fold: int,
    coarse: Mapping[str, CoarseCell],
    training: Sequence[str],
    held_out: Sequence[str],
) -> Trained:
    plan, spec = setting.plan, setting.plan.stages[stage]
    learning = [coarse[name] for name in training]
    checked = [coarse[name] for name in held_out] or learning
    earlier = plan.beginning.earlier if plan.beginning else ()
    voxel_um = _stage_voxel_size(plan, spec)
    orders = equal_axes(spec.patch, voxel_um)

    def draw(step: int) -> Batch:
        rng = np.random.default_rng([plan.seed, stage, fold, step])
        batch = replayed_wholes(learning, earlier, spec.patch, spec.batch_size, rng)
        return augment(tilt_some(batch, voxel_um, plan.wedge_share, rng), orders, rng)

    def validate(network: UNet) -> Checkup:
        return check_coarse(network, checked, setting.states, plan.task, setting.lanes.device)

    picture = None if fold else _coarse_picture(setting, stage, coarse)
    return _train(setting, stage, fold, Lessons(draw=draw, validate=validate, picture=picture))


def _train_fine(setting: Setting, stage: int, coarse: Coarse | None) -> Trained:
    plan, spec = setting.plan, setting.plan.stages[stage]
    factor = plan.stages[stage - 1].factor
    fields = coarse.fields if coarse else {}
    as_it_is = {name: [View(field_KZYX=fields.get(name))] for name in setting.cells}
    views = {**as_it_is, **(coarse.views if coarse else _bare_views(plan))}
    sources = [_source(setting, name, views[name], factor) for name in plan.training]
    checked = [
        _source(setting, name, as_it_is[name], factor) for name in plan.validation or plan.training
    ]
    fixed = patch_batch(
        checked,
        spec.patch,
        VALIDATION_PATCHES,
        setting.states,
        np.random.default_rng([plan.seed, stage, 0]),
    )
    orders = equal_axes(spec.patch, plan.voxel_size_um)
    earlier = plan.beginning.earlier if plan.beginning else ()

    def draw(step: int) -> Batch:
        rng = np.random.default_rng([plan.seed, stage, 0, step])
        batch = replayed_patches(sources, earlier, spec.patch, spec.batch_size, setting.states, rng)
        return augment(batch, orders, rng)

    def validate(network: UNet) -> Checkup:
        return check_patches(network, fixed, setting.states, plan.task, setting.lanes)

    picture = _fine_picture(setting, fields, factor)
    return _train(setting, stage, 0, Lessons(draw=draw, validate=validate, picture=picture))


def _coarse_picture(setting: Setting, stage: int, coarse: Mapping[str, CoarseCell]) -> Picture:
    shown = cell_to_preview(setting.plan, list(setting.cells.values()), setting.states)
    voxel = telling_voxel(shown, setting.states)
    return coarse_picture(
        setting.plan, stage, coarse[shown.name], voxel, setting.states, setting.lanes
    )


def _fine_picture(setting: Setting, fields: Fields, factor: tuple[int, int, int]) -> Picture:
    shown = cell_to_preview(setting.plan, list(setting.cells.values()), setting.states)
    voxel = telling_voxel(shown, setting.states)
    field = torch.from_numpy(fields[shown.name]) if fields else None
    source = TileInput(scaled_ZYX=shown.scaled_ZYX, field_KZYX=field, factor=factor)
    return fine_picture(setting.plan, shown, source, voxel, setting.states, setting.lanes)


def _train(setting: Setting, stage: int, fold: int, lessons: Lessons) -> Trained:
    plan = setting.plan
    learning = plan.folds[fold - 1].training if fold else plan.training
    learned = tuple(setting.sha256[name] for name in learning)
    rate = plan.stages[stage].learning_rate
    torch.manual_seed(np.random.SeedSequence([plan.seed, stage, fold]).generate_state(1)[0].item())
    network = make_network(plan, stage)
    if setting.forerunner is not None and plan.beginning is not None:
        held_out = plan.folds[fold - 1].held_out if fold else plan.validation
        unseen = [setting.sha256[name] for name in held_out]
        known = begin(network, stage, setting.forerunner, unseen)
        if known is not None:
            rate *= plan.beginning.gentleness
            learned = tuple(sorted(known.union(learned)))
    course = Course(
        stage=stage + 1,
        fold=fold,
        identity=f"{setting.identity} stage {stage + 1} fold {fold}",
        budget=_budget(plan, stage),
        learning_rate=rate,
        states=setting.states,
        class_weights=plan.class_weights,
        lanes=setting.lanes,
        bfloat16=plan.precision == "bfloat16",
        lessons=lessons,
        ends_early=lambda validated: _ends_early(setting, stage, validated=validated),
    )
    checkpoint = checkpoint_of(setting.folder, stage, fold)
    steps = train_network(network, course, checkpoint, setting.pace)
    return Trained(network=network, steps=steps, cells=learned)


def _ends_early(setting: Setting, stage: int, *, validated: bool) -> bool:
    """Grant the wish to end and keep in the last stage once it was validated; else say when."""
    if not setting.finish():
        return False
    if validated and stage == len(setting.plan.stages) - 1:
        words = "Ended early: the network is kept as it is now, and scored."
        setting.pace(Notice(text=words))
        return True
    setting.pace(Notice(text=not_yet_words(setting.pace.keepable_in_s), level="warning"))
    return False


def checkpoint_of(folder: Path, stage: int, fold: int) -> Path:
    """Return where the training of a stage (0 is the first) and fold is kept."""
    return folder / f"stage{stage + 1}-fold{fold}.safetensors"


def is_keepable(plan: Plan, folder: Path) -> bool:
    """Return whether a stopped training has come so far that it can be ended and kept."""
    last = len(plan.stages) - 1
    state = read_state(checkpoint_of(folder, last, 0))
    used = _budget(plan, last).fraction(state.step, state.elapsed_s) if state else 0.0
    return used * VALIDATIONS >= 1


def _budget(plan: Plan, stage: int) -> Budget:
    """Return a stage's share of the time or steps; folds and kept network divide it evenly."""
    run = next(run for run in runs_of(plan) if run.stage == stage + 1)
    share = run.share
    if plan.steps is not None:
        return Budget(steps=max(1, round(plan.steps * share)), seconds=None)
    return Budget(steps=None, seconds=(plan.minutes or 0.0) * 60 * share)


def _source(
    setting: Setting, name: str, views: Sequence[View], factor: tuple[int, int, int]
) -> Source:
    return make_source(setting.cells[name], views, factor, setting.states, setting.plan.seed)


def _stage_voxel_size(plan: Plan, spec: Stage) -> tuple[float, float, float]:
    z, y, x = (edge * f for edge, f in zip(plan.voxel_size_um, spec.factor, strict=True))
    return (z, y, x)


def _identity(plan: Plan, facts: Sequence[TrainingCell]) -> str:
    """Return what a checkpoint must agree in: everything that decides the training."""
    text = to_json(replace(plan, reasons=(), risks=())) + "".join(fact.sha256 for fact in facts)
    return hashlib.sha256(text.encode()).hexdigest()
