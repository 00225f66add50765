"""Verify a project: every checksum, every reference, every label value and voxel size."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import h5py
import numpy as np

from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.network_card import NetworkCard
from sxtstudio.core.novelty_map import NoveltyMap
from sxtstudio.core.task import Task
from sxtstudio.core.volume import parse_voxel_size_um
from sxtstudio.io.files import sha256_of_file
from sxtstudio.project.arrays import sha256_of
from sxtstudio.project.cells import TOMOGRAM, VERSIONS
from sxtstudio.project.entries import read_record
from sxtstudio.project.history import read_history
from sxtstudio.project.labels import (
    LABELS,
    NOVELTY,
    PROBABILITIES,
    UNCERTAINTY,
    used_values,
    voxel_size_of,
)
from sxtstudio.project.links import changed_words, find_file, find_linked
from sxtstudio.project.networks import CARD
from sxtstudio.project.records import (
    CellRecord,
    LabelVersion,
    MeasurementRecord,
    NetworkRecord,
    TomogramLink,
)
from sxtstudio.project.reviews import DECISIONS, REVIEWS, SIGN_OFFS, Decision, SignOff
from sxtstudio.project.structure import GROUPS, structure_problems
from sxtstudio.project.tree import dataset_at, group_at, groups_in, integer_at, last_name
from sxtstudio.project.vocabulary import read_extension

_RESTORE = "restore the project from a backup"
_UNREADABLE = (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError)


Tell = Callable[[int], None]


def check_project(root: h5py.File, project: Path, report: Report = ignore) -> tuple[str, ...]:
    """Return sentences about everything that is wrong; none means that the project is sound."""
    found = [f"{project}: {problem}; {_RESTORE}." for problem in structure_problems(root)]
    if found:  # what reaches outside the file is not followed
        return tuple(found)
    parts: dict[str, Callable[[h5py.Group, Path], Iterator[str]]] = {
        "cells": partial(_cell_problems, tell=_teller(root, report)),
        "tasks": _task_problems,
        "networks": _network_problems,
        "measurements": _measurement_problems,
    }
    for name in GROUPS:
        for group in groups_in(group_at(root, name)):
            found += _collect(parts[name], group, project)
    found += _collect(_vocabulary_problems, root, project)
    for name in ("cells", "tasks"):
        found += _collect(_twin_problems, group_at(root, name), project)
    found += _collect(_review_problems, root, project)
    found += _collect(_history_problems, root, project)
    return tuple(found)


def _collect(
    problems: Callable[[h5py.Group, Path], Iterable[str]], group: h5py.Group, project: Path
) -> list[str]:
    """Return the sentences of one check; what cannot even be read is one more sentence."""
    found: list[str] = []
    try:
        found.extend(problems(group, project))
    except SxtError as error:
        found.append(str(error))
    except _UNREADABLE as error:
        found.append(f"{project}, {group.name}: cannot be read ({error}); {_RESTORE}.")
    return found


def _teller(root: h5py.File, report: Report) -> Tell:
    """Return what reports how much of all arrays was read when told of another piece."""
    sizes: list[int] = []

    def note(_: str, found: h5py.Group | h5py.Dataset) -> None:
        if isinstance(found, h5py.Dataset):
            sizes.append(found.nbytes)

    group_at(root, "cells").visititems(note)
    total, done = max(1, sum(sizes)), 0

    def tell(count: int) -> None:
        nonlocal done
        done += count
        report(Progress(text="Checking the project", fraction=min(1.0, done / total)))

    return tell


def _cell_problems(group: h5py.Group, project: Path, tell: Tell) -> Iterator[str]:
    cell = read_record(group, CellRecord, str(project))
    where = f"{project}, the cell {cell.name!r}"
    yield from _name_problems(group, cell.id, cell.name, where)
    parse_voxel_size_um(cell.voxel_size_um, where)
    if cell.link is not None:
        yield from _link_problems(cell.link, cell.name, project)
    else:
        tomogram = dataset_at(group, TOMOGRAM)
        yield from _array_problems(tomogram, (cell.shape, ("float32",)), cell, where, tell)
        if tomogram.attrs.get("sha256") != cell.lac_sha256:
            yield f"{where}: its tomogram is another than when it was added; {_RESTORE}."
    for version_group in groups_in(group_at(group, VERSIONS)):
        yield from _collect(
            lambda item, path: _version_problems(item, cell, path, tell), version_group, project
        )


def _name_problems(group: h5py.Group, entry_id: str, name: str, where: str) -> Iterator[str]:
    if entry_id != last_name(group):
        yield f"{where}: is stored as {group.name}, but its id is {entry_id}; {_RESTORE}."
    if group.attrs.get("name") != name:
        yield f"{where}: another program changed its name in the file; rename it here."


def _link_problems(link: TomogramLink, cell: str, project: Path) -> Iterator[str]:
    if sha256_of_file(find_linked(link, project, cell)) != link.sha256:
        yield changed_words(link, project, cell)


def _array_problems(
    dataset: h5py.Dataset,
    kind: tuple[tuple[int, ...], tuple[str, ...]],
    cell: CellRecord,
    where: str,
    tell: Tell,
) -> Iterator[str]:
    """Yield what is wrong with an array; ``kind`` is its shape and the types that it may have."""
    name, (shape, dtypes) = last_name(dataset), kind
    if dataset.shape != shape or dataset.dtype.name not in dtypes:
        yield (
            f"{where}: its {name} are {dataset.dtype.name} of {dataset.shape}, not "
            f"{' or '.join(dtypes)} of {shape}; {_RESTORE}."
        )
        return
    if not np.array_equal(dataset.attrs.get("voxel_size_um", ()), cell.voxel_size_um):
        yield f"{where}: the voxel size of its {name} is not that of the cell; {_RESTORE}."
    if sha256_of(dataset, tell) != dataset.attrs.get("sha256"):
        yield f"{where}: the values of its {name} have changed on the disk; {_RESTORE}."


def _version_problems(
    group: h5py.Group, cell: CellRecord, project: Path, tell: Tell
) -> Iterator[str]:
    version = read_record(group, LabelVersion, str(project))
    where = f"{project}, {cell.name!r} {last_name(group)}"
    if version.id != last_name(group):
        yield f"{where}: its id is {version.id}; {_RESTORE}."
    labels = dataset_at(group, LABELS)
    yield from _array_problems(labels, (cell.shape, ("uint8", "uint16")), cell, where, tell)
    nameless = sorted(used_values(labels) - version.names.keys())
    if nameless:
        yield f"{where}: the label value {nameless[0]} stands for no class; {_RESTORE}."
    if version.has_probabilities:
        shape_KZYX = (len(version.names), *cell.shape)
        for name, shape in ((PROBABILITIES, shape_KZYX), (UNCERTAINTY, cell.shape)):
            dataset = dataset_at(group, name)
            yield from _array_problems(dataset, (shape, ("uint8",)), cell, where, tell)
    if version.novelty_step is not None:
        yield from _map_problems(group, version, cell, where, tell)


def _map_problems(
    group: h5py.Group, version: LabelVersion, cell: CellRecord, where: str, tell: Tell
) -> Iterator[str]:
    """Yield what is wrong with a novelty map, whose voxels are larger than those of the cell."""
    dataset = dataset_at(group, NOVELTY)
    coarse = replace(cell, voxel_size_um=voxel_size_of(NOVELTY, version, cell))
    step = version.novelty_step or (1.0, 1.0, 1.0)
    fits = dataset.ndim == 3 and NoveltyMap(levels_ZYX=dataset[()], step=step).fits(cell.shape)
    if not fits:
        yield f"{where}: its {NOVELTY} map does not cover the cell; {_RESTORE}."
        return
    yield from _array_problems(dataset, (dataset.shape, ("uint8",)), coarse, where, tell)


def _task_problems(group: h5py.Group, project: Path) -> Iterator[str]:
    task = read_record(group, Task, str(project))
    where = f"{project}, the task {task.name!r}"
    yield from _name_problems(group, last_name(group), task.name, where)


def _network_problems(group: h5py.Group, project: Path) -> Iterator[str]:
    network = read_record(group, NetworkRecord, str(project))
    card = read_record(group, NetworkCard, str(project), name=CARD)
    where = f"{project}, the network of the task {network.task!r}"
    if network.id != last_name(group) or card.plan.task.name != network.task:
        yield f"{where}: its record and its card do not agree; {_RESTORE}."
    file = find_file(network.relative_path, network.path, project)
    if file is None:
        yield f"{where}: its file {network.path} is missing; put it back there, or add it again."
    elif sha256_of_file(file) != network.sha256:
        yield f"{where}: its file {file} has changed; put the original back, or add it again."


def _measurement_problems(group: h5py.Group, project: Path) -> Iterator[str]:
    measurement = read_record(group, MeasurementRecord, str(project))
    where = f"{project}, the measurement of {measurement.time}"
    if measurement.id != last_name(group):
        yield f"{where}: its id is {measurement.id}; {_RESTORE}."
    versions = f"cells/{measurement.cell}/{VERSIONS}/{measurement.version}"
    if versions not in group.file:
        yield f"{where}: the labels it was made from ({versions}) are missing; {_RESTORE}."


def _vocabulary_problems(root: h5py.Group, project: Path) -> tuple[str, ...]:
    read_extension(root, str(project))  # raises what is wrong
    return ()


def _review_problems(root: h5py.Group, project: Path) -> Iterator[str]:
    """Yield what is wrong with verdicts and sign-offs; what cannot be read is raised."""
    if REVIEWS not in root:
        return
    kinds = {DECISIONS: Decision, SIGN_OFFS: SignOff}
    for part in groups_in(group_at(root, REVIEWS)):
        for group in groups_in(part):
            record = read_record(group, kinds[last_name(part)], str(project))
            version = f"cells/{record.cell}/{VERSIONS}/{record.version}"
            if version not in root:
                where = f"{project}, a review of {record.time}"
                yield f"{where}: the labels that it is about ({version}) are missing; {_RESTORE}."


def _twin_problems(parent: h5py.Group, project: Path) -> Iterator[str]:
    names = [
        (str(group.attrs.get("name")), group.attrs.get("version", 1)) for group in groups_in(parent)
    ]
    for name, _ in sorted({name for name in names if names.count(name) > 1}):
        yield f"{project}, {parent.name}: two of them are called {name!r}; rename one."


def _history_problems(root: h5py.Group, project: Path) -> Iterator[str]:
    generations = [entry.generation for entry in read_history(root)]
    if generations != list(range(1, integer_at(root, "generation") + 1)):
        yield f"{project}: its history does not hold every change; {_RESTORE}."
