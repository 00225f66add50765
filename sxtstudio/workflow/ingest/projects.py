"""What an Amira project says belongs together."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sxtstudio.core.errors import FileError
from sxtstudio.io.hx import HxLoad, HxProject
from sxtstudio.workflow.ingest.contents import Contents, stem_of
from sxtstudio.workflow.ingest.pairing import LabelFile, Pair

_NO_VOLUMES = (".surf", ".stl", ".obj", ".ply", ".col", ".icol", ".hx", ".scro", ".png", ".jpg")


@dataclass(kw_only=True)
class ProjectContents:
    """The pairs of a project, the files it uses, and what is wrong with it."""

    pairs: list[Pair] = field(default_factory=list[Pair])
    used: set[Path] = field(default_factory=set[Path])
    problems: list[str] = field(default_factory=list[str])


def pairs_of(project: HxProject, look: Callable[[Path], Contents]) -> ProjectContents:
    """Return the tomograms of a project with the labels that are connected to them.

    A label field that is connected to nothing belongs to the only tomogram of the project.
    ``look`` raises `FileError` for what is no volume.
    """
    result = ProjectContents(problems=list(project.warnings))
    volumes: dict[str, Contents] = {}
    for load in project.loads:
        if load.path is None:
            continue
        result.used |= {load.path.resolve(), *(path.resolve() for path in load.more)}
        found = _look(load, load.path, project, look, result.problems)
        if found is not None:
            volumes[load.label] = found
    partners = _partners(project, volumes)
    images = [label for label in volumes if label not in partners]
    for image in images:
        result.pairs.append(_pair(image, volumes, partners, project, single=len(images) == 1))
    _report_strays(project, volumes, partners, result)
    return result


def _look(
    load: HxLoad,
    path: Path,
    project: HxProject,
    look: Callable[[Path], Contents],
    problems: list[str],
) -> Contents | None:
    if path.suffix.lower() in _NO_VOLUMES:
        return None
    if "-raw" in load.options:
        problems.append(
            f"{project.path}: loads {path.name} as raw values whose size stands only in the "
            "project; save it as AmiraMesh or MRC there first."
        )
        return None
    try:
        return look(path)
    except FileError as error:
        if "colour map" not in str(error):
            problems.append(str(error))
        return None


def _partners(project: HxProject, volumes: dict[str, Contents]) -> dict[str, str | None]:
    """Return the image of each label field, None for one that has none.

    What labels are connected to is an image, however few grey values it has.
    """
    kinds = {label: found.kind for label, found in volumes.items()}
    for labels, image in project.image_of.items():
        if kinds.get(labels) == "labels" and image in kinds and not volumes[image].has_names:
            kinds[image] = "tomogram"
    drawn_on = {
        labels: image
        for labels, image in project.image_of.items()
        if labels in volumes and kinds.get(image) == "tomogram" and kinds[labels] == "labels"
    }
    tomograms = [label for label, kind in kinds.items() if kind == "tomogram"]
    only = tomograms[0] if len(tomograms) == 1 else None
    return {label: drawn_on.get(label, only) for label, kind in kinds.items() if kind == "labels"}


def _pair(
    image: str,
    volumes: dict[str, Contents],
    partners: dict[str, str | None],
    project: HxProject,
    *,
    single: bool,
) -> Pair:
    tomogram = volumes[image]
    fitting = [
        LabelFile(contents=volumes[labels])
        for labels, partner in partners.items()
        if partner == image and volumes[labels].shape == tomogram.shape
    ]
    assumed = [
        f"{one.contents.words}: no image is connected to these labels in {project.path.name}; its "
        f"only tomogram was taken."
        for one in fitting
        if not any(volumes.get(labels) is one.contents for labels in project.image_of)
    ]
    return Pair(
        tomogram=tomogram,
        labels=tuple(fitting),
        project=project.path,
        name=project.path.stem if single else stem_of(tomogram.path),
        warnings=tuple(assumed),
    )


def _report_strays(
    project: HxProject,
    volumes: dict[str, Contents],
    partners: dict[str, str | None],
    result: ProjectContents,
) -> None:
    for labels, image in partners.items():
        mine = volumes[labels]
        if image is None:
            result.problems.append(
                f"{mine.words}: the project {project.path.name} does not connect these labels to a "
                "tomogram."
            )
        elif volumes[image].shape != mine.shape:
            sizes = [" × ".join(map(str, one.shape)) for one in (mine, volumes[image])]
            result.problems.append(
                f"{mine.words}: the labels have {sizes[0]} voxels (z, y, x), but their image "
                f"{image} in {project.path.name} has {sizes[1]}; they must be on one grid."
            )
    if not volumes:
        result.problems.append(f"{project.path}: none of the files it loads is a volume.")
