"""Events: one line of JSON each way, and part of a whole."""

import zlib

import pytest

from sxtstudio.core.events import (
    Event,
    Metrics,
    Notice,
    Preview,
    PreviewPlane,
    Progress,
    event_from_json,
    event_to_json,
    part,
)

PLANE = PreviewPlane(
    shape=(2, 3),
    spacing_um=(0.05, 0.06),
    lac=bytes(range(6)),
    labels=zlib.compress(b"\x00\x01\x02\x02\x01\x00"),
    drawn=zlib.compress(b"\xff" * 6),
)
EVENTS = [
    Progress(text="training", fraction=0.5, remaining_s=3.0, keepable_in_s=0.0),
    Metrics(
        stage=2,
        step=7,
        steps=9,
        loss=0.5,
        dice={"nucleus": 0.75},
        confusion={"nucleus": {"nucleus": 0.82, "none of the classes": 0.18}},
        step_s=0.3,
    ),
    Preview(stage=1, step=4, cell="böse \n cell", spared=True, planes=(PLANE, PLANE, PLANE)),
    Notice(text="read this", level="warning"),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_is_one_line_and_comes_back_as_it_was(event: Event) -> None:
    line = event_to_json(event)

    assert "\n" not in line
    assert event_from_json(line) == event


@pytest.mark.parametrize("line", ["", "hello", "[1]", "{}", '{"event": "gift"}', '{"event": 1}'])
def test_a_line_that_is_no_event_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="not an event"):
        event_from_json(line)


def test_a_part_of_a_job_keeps_its_times_and_has_its_place_in_the_whole() -> None:
    events: list[Event] = []
    within = part(events.append, 0.5, 0.7)

    within(Progress(text="a", fraction=0.5, remaining_s=8.0, keepable_in_s=2.0))
    within(Progress(text="b"))
    within(Notice(text="n"))

    assert events == [
        Progress(text="a", fraction=0.6, remaining_s=8.0, keepable_in_s=2.0),
        Progress(text="b"),
        Notice(text="n"),
    ]
