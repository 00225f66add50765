"""What the window needed goes back to the system."""

import ctypes
import os
import sys
from pathlib import Path

import pytest

from sxtstudio.gui.memory import give_back_after_projects, share_free_memory
from sxtstudio.gui.session import Session
from tests.gui.projects import two_cell_project

MB = 2**20


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / MB


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or not hasattr(ctypes.CDLL(None), "malloc_trim"),
    reason="only the GNU library keeps what was freed",
)
def test_what_was_freed_goes_back_once_a_project_is_closed(qtbot, tmp_path):
    share_free_memory()
    session = Session()
    give_back_after_projects(session)
    session.open(two_cell_project(tmp_path / "p.sxt"))
    blocks = [bytes([1]) * 60_000 for _ in range(3000)]  # 170 MB, each small enough to be kept
    kept = blocks[::100] + blocks[-1:]
    del blocks
    before_mb = resident_mb()
    session.close_project()
    qtbot.waitUntil(lambda: resident_mb() < before_mb - 120)
    assert all(block[0] == 1 for block in kept)
    session.close()
