"""What the tests of the formats share: real files, volumes to write, and one way to read whole."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sxtstudio.core.volume import Volume
from sxtstudio.io.volumes import read_volume

REAL = Path(__file__).parents[3] / "shared" / "data" / "real"


@pytest.fixture
def real() -> Path:
    if not REAL.is_dir():
        pytest.skip("the folder with real files (../shared/data/real) is absent")
    return REAL


def read_whole(path: Path, dataset: str | None = None) -> tuple[Volume, np.ndarray]:
    volume = read_volume(path, dataset=dataset)
    return volume, np.asarray(volume.values_ZYX[...])


def ramp(dtype: str = "float32", shape: tuple[int, int, int] = (3, 4, 5)) -> np.ndarray:
    return np.arange(np.prod(shape)).reshape(shape).astype(dtype)


shapes = st.tuples(st.integers(2, 5), st.integers(1, 6), st.integers(1, 7))
edges_um = st.floats(0.001, 50.0)
voxel_sizes = st.none() | st.tuples(edges_um, edges_um, edges_um)
class_names = st.dictionaries(
    st.integers(1, 255),
    st.text(
        st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")),
        min_size=1,
        max_size=12,
    ),
    max_size=4,
)


def arrays(*dtypes: str) -> st.SearchStrategy[np.ndarray]:
    return st.sampled_from(dtypes).flatmap(lambda dtype: hnp.arrays(dtype, shapes))
