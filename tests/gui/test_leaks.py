"""A short run of the benchmark that looks for leaks, in a process that must end well."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "leaks.py"
CYCLES = 8
LONGEST_S = 900


@pytest.mark.slow
@pytest.mark.timeout(LONGEST_S + 60)
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_working_for_long_neither_grows_nor_complains_nor_crashes_at_the_end(tmp_path):
    figures_path = tmp_path / "figures.json"
    command = [sys.executable, str(BENCHMARK), "--cycles", str(CYCLES), "--json", str(figures_path)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}

    ended = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=LONGEST_S, env=environment
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    figures = json.loads(figures_path.read_text(encoding="utf-8"))
    assert figures["cycles"] == CYCLES
    assert figures["warnings"] == []
    assert figures["widgets_at_the_end"] == figures["widgets_after_warm_up"]
    assert figures["growth_mb"] < 50
