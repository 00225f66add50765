"""Pictures and films of a project's cell, and scenes that are kept in it."""

from dataclasses import replace

import imagecodecs
import numpy as np
import pytest

from sxtstudio.analysis.styles import default_styles
from sxtstudio.core.errors import FileError, PlanError, ProjectError
from sxtstudio.core.scene import Camera, Clipping, Colouring, Film, Scene, Slices
from sxtstudio.core.transfer_presets import PRESETS
from sxtstudio.project.project import Project
from sxtstudio.workflow.picturing import Look, key_cameras, movie, snapshot

SMALL = Look(size=(200, 150), dpi=300)
FRONT = Camera(position_um=(5.0, -1.0, 1.5), focus_um=(0.5, 0.6, 0.7), up=(0.0, 0.0, 1.0))


def scene_of(project: Project) -> Scene:
    names = {1: "nucleus", 2: "lipid"}
    styles = default_styles(names, {}, project.ontology())
    return Scene(
        styles=styles,
        camera=FRONT,
        background="white",
        clipping=Clipping(high=(0.8, 1.0, 1.0)),
        volume=PRESETS[0],
        slices=Slices(voxel=(3, None, None), lac_window=(0.1, 0.6)),
        colouring=Colouring(column="volume_um3"),
    )


def read(path):
    return imagecodecs.png_decode(path.read_bytes())


def test_a_kept_scene_is_drawn_again_the_very_same(project: Project, tmp_path):
    cell = project.cell("ball-0")
    scene = scene_of(project)
    project.scenes.keep(cell.id, "front", scene)
    assert project.scenes.find(cell.id, "front") == scene
    path = project.path
    project.close()
    with Project.open(path, read_only=True) as again:
        assert again.scenes.find(cell.id, "front") == scene
        for name in "ab":
            snapshot(again, "ball-0", tmp_path / f"{name}.png", replace(SMALL, scene="front"))
        assert again.check() == ()
    first, second = read(tmp_path / "a.png"), read(tmp_path / "b.png")
    assert first.shape == (150, 200, 4)
    assert (first == second).all()
    assert len(np.unique(first.reshape(-1, 4), axis=0)) > 500


def test_a_scene_of_the_same_name_takes_the_place_of_the_older(project: Project):
    cell = project.cell("ball-0")
    for name, background in (("a", "dark"), ("b", "dark"), ("a", "white")):
        project.scenes.keep(cell.id, name, Scene(background=background))
    assert [(it.name, it.scene.background) for it in project.scenes.of(cell.id)] == [
        ("b", "dark"),
        ("a", "white"),
    ]
    with pytest.raises(ProjectError, match=r"no scene 'c'.*'b', 'a'"):
        project.scenes.find(cell.id, "c")
    with pytest.raises(ProjectError, match="needs a name"):
        project.scenes.keep(cell.id, " ", Scene())


def test_a_project_without_scenes_says_so(project: Project):
    assert project.scenes.of(project.cell("ball-0").id) == ()


def test_a_picture_says_how_large_it_is_on_paper(project: Project, tmp_path):
    snapshot(project, "ball-0", tmp_path / "p.png", SMALL)
    content = (tmp_path / "p.png").read_bytes()
    at = content.index(b"pHYs") + 4
    assert int.from_bytes(content[at : at + 4], "big") == 11811  # 300 dots an inch
    snapshot(
        project, "ball-0", tmp_path / "q.png", replace(SMALL, background="white", legend=False)
    )
    assert (read(tmp_path / "q.png")[0, 0] == 255).all()


def test_a_film_follows_the_scenes_it_is_told(project: Project, tmp_path):
    cell = project.cell("ball-0")
    plain = Scene(styles=scene_of(project).styles, camera=FRONT)
    behind = replace(FRONT, position_um=(-4.0, 0.0, 1.0))
    project.scenes.keep(cell.id, "front", plain)
    project.scenes.keep(cell.id, "behind", replace(plain, camera=behind))
    project.scenes.keep(cell.id, "nowhere", Scene())
    keys = key_cameras(project, "ball-0", ["front", "behind"])
    assert keys == (FRONT, behind)
    film = Film(seconds=0.3, pictures_per_second=10, keys=keys)
    movie(project, "ball-0", tmp_path / "film", film, replace(SMALL, scene="front"))
    assert len(list((tmp_path / "film").iterdir())) == 3
    snapshot(project, "ball-0", tmp_path / "end.png", replace(SMALL, scene="behind"))
    end = read(tmp_path / "end.png")[..., :3].astype(int)
    assert np.abs(read(tmp_path / "film" / "00003.png")[..., :3] - end).max() <= 2
    with pytest.raises(PlanError, match="has no camera"):
        key_cameras(project, "ball-0", ["nowhere"])


@pytest.mark.parametrize("size", [(8, 100), (100, 20_000)])
def test_a_size_that_cannot_be_drawn_is_refused_with_a_sentence(project, tmp_path, size):
    with pytest.raises(PlanError, match="cannot be drawn; give edges"):
        snapshot(project, "ball-0", tmp_path / "p.png", Look(size=size))


def test_a_film_of_no_length_or_of_an_unknown_kind_is_refused(project, tmp_path):
    with pytest.raises(PlanError, match="must have 1 to"):
        movie(project, "ball-0", tmp_path / "f.mp4", Film(seconds=0.001))
    with pytest.raises(FileError, match="mp4"):
        movie(project, "ball-0", tmp_path / "f.avi", Film())
