"""Measurements in the project file."""

import h5py

from sxtstudio.core.table import MeasurementTable
from sxtstudio.project.clock import now
from sxtstudio.project.entries import add_entry, entries, new_id, read_record
from sxtstudio.project.records import MeasurementRecord
from sxtstudio.project.tree import group_at


def write_measurement(
    root: h5py.Group, cell: str, version: str, table: MeasurementTable
) -> MeasurementRecord:
    """Add what was measured on a label version of a cell."""
    measurements = group_at(root, "measurements")
    record = MeasurementRecord(
        id=new_id(measurements), cell=cell, version=version, time=now(), table=table
    )
    add_entry(measurements, record.id, record)
    return record


def read_measurements(root: h5py.Group, path: str) -> tuple[MeasurementRecord, ...]:
    """Return all measurements, the oldest first."""
    return tuple(
        read_record(group, MeasurementRecord, path)
        for group in entries(group_at(root, "measurements"))
    )
