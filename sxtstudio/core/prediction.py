"""What a network says about one cell."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sxtstudio.core.novelty import Novelty
from sxtstudio.core.novelty_map import NoveltyMap
from sxtstudio.core.provenance import Provenance
from sxtstudio.core.volume import LabelMap


@dataclass(frozen=True, kw_only=True, eq=False)
class Prediction:
    """The result of a cascade on one tomogram, on the tomogram's own grid.

    ``label_map`` has the task's labels (k is the task's k-th class) with the task's class names.
    ``probability_KZYX`` is uint8 (p × 255), class k of the task at index k - 1, and may be a
    memory map. ``uncertainty_ZYX`` is uint8: (1 - greatest probability) × 255.
    ``colours`` maps label values to ``#rrggbb``. ``novelty`` is None where nothing can be said,
    ``novelty_map`` where the network has no stage that looks at whole cells, or is too old.
    """

    label_map: LabelMap
    probability_KZYX: np.ndarray
    uncertainty_ZYX: np.ndarray
    task: str
    network_sha256: str
    colours: Mapping[int, str]
    made_by: Provenance
    novelty: Novelty | None = None
    novelty_map: NoveltyMap | None = None
