"""A process to be killed: it adds cells and notes to a library, and says what is safe.

``python -m tests.library.killed_writer LIBRARY CACHE SEED`` goes on for ever. Some cells are the
same for all seeds, so writers meet.
"""

import random
import sys
from pathlib import Path

from sxtstudio.library.library import Library
from tests.library.samples import sample_annotation, sample_cell

SHAPE = (20, 20, 20)


def say(word: str, cell_id: str) -> None:
    """Tell the test what is safe now, at once."""
    sys.stdout.write(f"{word} {cell_id}\n")
    sys.stdout.flush()


def main() -> None:
    """Add to the library until someone ends this process."""
    folder, cache, seed = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    chance = random.Random(seed)
    with Library.open(folder, cache=cache) as library:
        say("open", "-")
        while True:
            number = chance.randrange(60)
            added = library.add_cell(sample_cell(f"cell {number}", number, shape=SHAPE))
            say("cell", added.id)
            if number % 3 == 0:
                library.describe(added.id, {"condition": f"seen by {seed}"})
                say("note", added.id)
            elif number % 3 == 1 and not added.superseded_by:
                newer = library.add_annotation(added.id, sample_annotation(seed, SHAPE))
                say("cell", newer.id)


if __name__ == "__main__":
    main()
