"""What the tests of a library share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sxtstudio.library.library import Library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.create(tmp_path / "shared", "Alga", cache=tmp_path / "cache") as library:
        yield library
