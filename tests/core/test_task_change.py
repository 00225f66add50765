"""What must be learned anew when a task is changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.task import Task, TaskClass, parse_task, task_label_of
from sxtstudio.core.task_change import change_sentences, task_change

ONTOLOGY = default_ontology()
OLD = ["nucleus", "lipid bodies", "starch granules"]


def change(old: list[str], new: list[str]):
    return task_change(parse_task("t", old, ONTOLOGY), parse_task("t", new, ONTOLOGY), ONTOLOGY)


@pytest.mark.parametrize(
    ("new", "to_learn", "sentences"),
    [
        (OLD, (), ()),
        (
            ["core=nucleus", "lipid bodies", "starch granules"],
            (),
            ("“nucleus” is now called “core”.",),
        ),
        (
            ["nucleus", "storage=lipid+starch"],
            (),
            (
                "“storage” gathers “lipid bodies” and “starch granules”; its probability is the "
                "sum of theirs.",
            ),
        ),
        (
            ["lipid bodies", "nucleus", "starch granules"],
            (),
            ("Some classes have another label value than before.",),
        ),
        (
            ["nucleus", "lipid bodies"],
            (),
            ("“starch granules” will not be told apart any more.",),
        ),
        (
            [*OLD, "mitochondria"],
            ("mitochondria",),
            ("“mitochondria” is new; it must be learned.",),
        ),
        (
            [*OLD, "nucleolus"],
            ("nucleus", "nucleolus"),
            (
                "“nucleus” is now a part of what was “nucleus”; it must be learned.",
                "“nucleolus” is now a part of what was “nucleus”; it must be learned.",
            ),
        ),
        (
            ["nucleus=nucleus+mitochondria", "lipid bodies", "starch granules"],
            ("nucleus",),
            (
                "“nucleus” is now a part of what was none of the classes and all of what was "
                "“nucleus”; it must be learned.",
            ),
        ),
    ],
)
def test_each_kind_of_change_is_told_in_a_sentence(new, to_learn, sentences):
    changed = change(OLD, new)

    assert changed.to_learn == to_learn
    assert changed.is_derived == (not to_learn)
    assert change_sentences(changed) == sentences


def test_a_class_that_gathers_nothing_known_must_be_learned():
    nothing = Task(name="t", classes=(TaskClass(name="x", members=("nobody",)),))
    changed = task_change(parse_task("t", ["nucleus"], ONTOLOGY), nothing, ONTOLOGY)

    assert changed.to_learn == ("x",)
    assert change_sentences(changed)[0] == "“x” gathers nothing that the vocabulary knows."


TERMS = st.sampled_from([term.id for term in ONTOLOGY.classes[1:]])


@st.composite
def tasks(draw) -> Task:
    members = draw(st.lists(TERMS, min_size=1, max_size=6, unique=True))
    groups = draw(st.lists(st.integers(0, 2), min_size=len(members), max_size=len(members)))
    classes = {group: [] for group in groups}
    for member, group in zip(members, groups, strict=True):
        classes[group].append(member)
    return Task(
        name="t",
        classes=tuple(
            TaskClass(name=f"class {group}", members=tuple(ids)) for group, ids in classes.items()
        ),
    )


@given(tasks(), tasks())
def test_what_is_derived_follows_from_the_old_labels_alone(old, new):
    """The oracle: a network for the old task answers the new one if no old label has two new."""
    old_label, new_label = task_label_of(old, ONTOLOGY), task_label_of(new, ONTOLOGY)
    meanings = {value: set() for value in old_label.values()}
    for class_id, value in old_label.items():
        meanings[value].add(new_label[class_id])

    assert task_change(old, new, ONTOLOGY).is_derived == (
        all(len(found) == 1 for found in meanings.values())
        and {value for found in meanings.values() for value in found} >= set(new.names)
    )


@given(tasks())
def test_a_task_that_stays_needs_nothing(task):
    unchanged = task_change(task, task, ONTOLOGY)
    told = [it for it in change_sentences(unchanged) if "gathers nothing" not in it]

    assert told == []
