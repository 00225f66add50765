"""Dataclasses as JSON, events as lines."""

import pytest

from sxtstudio.core.errors import FileError
from sxtstudio.core.events import (
    Metrics,
    Notice,
    Progress,
    event_from_json,
    event_to_json,
    part,
)
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.provenance import made_by
from sxtstudio.core.records import from_json, to_json
from sxtstudio.core.task import Task, parse_task


def test_a_task_survives_json():
    task = parse_task("storage", ["a=lipid+starch", "nucleus"], default_ontology())

    assert from_json(Task, to_json(task), "x") == task


def test_a_record_of_a_newer_program_is_refused_with_a_sentence():
    with pytest.raises(FileError, match=r"x\.json: written by a newer SXT Studio"):
        from_json(Task, '{"format_version": 99, "name": "t", "classes": []}', "x.json")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"name": 3, "classes": []}', '{"name": "t"}'])
def test_text_that_is_no_record_is_refused_with_a_sentence(text):
    with pytest.raises(FileError, match="the task in it cannot be read"):
        from_json(Task, text, "x")


@pytest.mark.parametrize(
    "event",
    [
        Progress(text="reading", fraction=0.25, remaining_s=3.0),
        Progress(text="…"),
        Metrics(stage=2, fold=1, step=3, steps=9, loss=0.5, dice={"nucleus": 0.9}, step_s=0.1),
        Notice(text="µm", level="warning"),
    ],
)
def test_every_event_survives_its_line_of_json(event):
    line = event_to_json(event)

    assert "\n" not in line
    assert event_from_json(line) == event


@pytest.mark.parametrize("line", ["", "{}", '{"event": "done"}', '{"event": "progress"}', "[1]"])
def test_a_line_that_is_no_event_is_refused(line):
    with pytest.raises(ValueError, match="not an event"):
        event_from_json(line)


def test_a_part_of_a_job_maps_its_progress_and_passes_the_rest():
    events: list[object] = []
    report = part(events.append, 0.5, 1.0)

    report(Progress(text="a", fraction=0.5))
    report(Notice(text="b"))

    assert events == [Progress(text="a", fraction=0.75), Notice(text="b")]


def test_provenance_says_when_and_by_which_version():
    from sxtstudio import __version__

    made = made_by("x.y", {"k": 1}, ("in",))

    assert made.version == __version__
    assert made.time.endswith("+00:00")
