"""Pictures and films from the command line."""

import argparse
import json

import pytest

from sxtstudio.cli.main import main
from sxtstudio.cli.pictures import _pictures, _positive, _size
from sxtstudio.core.scene import Scene
from sxtstudio.project.project import Project
from tests.workflow.cells import ball_cell


@pytest.fixture
def project(tmp_path):
    path = tmp_path / "p.sxt"
    with Project.create(path) as made:
        cell = made.add_cell(ball_cell("ball"))
        made.scenes.keep(cell.id, "front", Scene())
    return path


def run(capsys, *words):
    code = main([*map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_film_and_its_scenes(capsys, project, tmp_path):
    code, facts = run(capsys, "scenes", project, "ball")
    assert code == 0
    assert [it["name"] for it in facts["scenes"]] == ["front"]
    out = tmp_path / "film.mp4"
    words = ("movie", project, "ball", "--out", out, "--size", "160x120", "--seconds", "0.2")
    code, facts = run(capsys, *words, "--fps", "10", "--background", "white", "--no-legend")
    assert (code, facts["out"]) == (0, str(out))
    assert out.stat().st_size > 1000


def test_a_scene_without_camera_is_refused_as_a_key(capsys, project, tmp_path):
    words = ("movie", project, "ball", "--out", tmp_path / "f.mp4", "--through", "front, front")
    code, facts = run(capsys, *words)
    assert code == 3
    assert "has no camera" in facts["error"]


def test_words_that_are_no_size_or_number_are_refused():
    assert _size("1200x900") == (1200, 900)
    assert _positive("2.5") == 2.5
    assert _pictures("25") == 25
    for parse, words in (
        (_size, "big"),
        (_size, "12"),
        (_positive, "0"),
        (_positive, "much"),
        (_positive, "inf"),
        (_pictures, "0"),
        (_pictures, "1.5"),
    ):
        with pytest.raises(argparse.ArgumentTypeError):
            parse(words)
