"""A warning about a cell is told when it is segmented, kept with the labels, and told again."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from sxtstudio.cli.main import main
from sxtstudio.core.errors import ProjectError
from sxtstudio.core.novelty import Difference, Novelty
from sxtstudio.core.novelty_map import NoveltyMap
from sxtstudio.core.prediction import Prediction
from sxtstudio.core.provenance import made_by
from sxtstudio.core.slabs import Slab
from sxtstudio.core.volume import LabelMap
from sxtstudio.project.project import Project
from sxtstudio.workflow.job_folder import read_prediction, write_prediction
from sxtstudio.workflow.novelty import novelty_notice, novelty_of_cells
from tests.workflow.cells import VOXEL_UM, ball_cell

STRANGE = Novelty(
    p=0.001,
    alarm=True,
    references=24,
    differences=(
        Difference(
            group="structures",
            subject="LAC of mitochondria",
            words="Mitochondria: brighter (LAC 0.45 µm⁻¹) than in all 24 reference cells",
            advice="check mitochondria by hand",
            p=0.001,
        ),
    ),
    slabs=(Slab(axis="z", start=3, stop=6, doubt=0.2),),
)
ORDINARY = Novelty(p=0.6, alarm=False, references=24)
WORDS = (
    "Mitochondria: brighter (LAC 0.45 µm⁻¹) than in all 24 reference cells. Check mitochondria by "
    "hand; draw this slab: z 3–5."
)


def prediction(shape: tuple[int, int, int], novelty: Novelty | None) -> Prediction:
    return Prediction(
        label_map=LabelMap(
            labels_ZYX=np.ones(shape, np.uint8), names={1: "nucleus"}, voxel_size_um=VOXEL_UM
        ),
        probability_KZYX=np.full((1, *shape), 255, np.uint8),
        uncertainty_ZYX=np.zeros(shape, np.uint8),
        task="organelles",
        network_sha256="ab",
        colours={1: "#ff0000"},
        made_by=made_by("the test"),
        novelty=novelty,
    )


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A project with a strange cell, an ordinary one, one of an old network, one unsegmented."""
    path = tmp_path / "p.sxt"
    said = {"strange": STRANGE, "ordinary": ORDINARY, "old": None}
    with Project.create(path) as project:
        for number, (name, novelty) in enumerate(said.items()):
            record = project.add_cell(ball_cell(name, seed=number, labelled=False))
            cell_id = project.cell(name).id
            assert record is not None
            project.add_prediction(cell_id, prediction((24, 26, 28), novelty))
        project.add_cell(ball_cell("bare", seed=7, labelled=False))
    return path


def test_novelty_survives_the_job_folder(tmp_path):
    write_prediction(tmp_path / "0", prediction((4, 5, 6), STRANGE))

    assert read_prediction(tmp_path / "0").novelty == STRANGE


def test_a_novelty_map_survives_the_job_folder_and_older_results_have_none(tmp_path):
    told = NoveltyMap(levels_ZYX=np.arange(12, dtype=np.uint8).reshape(2, 2, 3), step=(2.0, 3.0, 2))
    write_prediction(tmp_path / "0", replace(prediction((4, 5, 6), None), novelty_map=told))
    write_prediction(tmp_path / "1", prediction((4, 5, 6), None))

    again = read_prediction(tmp_path / "0").novelty_map
    assert again is not None
    assert again.step == told.step
    assert np.array_equal(again.levels_ZYX, told.levels_ZYX)
    assert read_prediction(tmp_path / "1").novelty_map is None


def test_every_cell_of_a_project_says_how_it_compares(filled):
    with Project.open(filled, read_only=True) as project:
        found = {it.cell: it for it in novelty_of_cells(project)}
        (one,) = novelty_of_cells(project, ("strange",))
        with pytest.raises(ProjectError, match="nobody"):
            novelty_of_cells(project, ("nobody",))

    assert found["strange"].novelty == STRANGE
    assert one == found["strange"]
    assert one.words == WORDS
    assert found["ordinary"].words.startswith("Nothing sets this cell apart")
    assert "fewer than 4 reference cells" in found["old"].words
    assert found["bare"].words == "Cannot be told before a network has segmented it."


def test_only_a_strange_cell_is_warned_of():
    notice = novelty_notice("cell 7", STRANGE)

    assert notice is not None
    assert notice.level == "warning"
    assert notice.text == f"cell 7 differs from the cells that the network knows. {WORDS}"
    assert novelty_notice("cell 7", ORDINARY) is None
    assert novelty_notice("cell 7", None) is None


def test_the_verb_tells_words_to_people_and_facts_to_programs(filled, capsys):
    assert main(["novelty", str(filled), "--cell", "strange"]) == 0
    assert capsys.readouterr().out == f"strange: {WORDS}\n"

    assert main(["novelty", str(filled), "--json"]) == 0
    facts = msgspec.json.decode(capsys.readouterr().out)
    assert [it["alarm"] for it in facts["cells"]] == [True, False, None, None]
    assert facts["cells"][0]["novelty"]["slabs"][0]["start"] == 3
