"""What partly labelled cells know about the classes of a task, and the words for it."""

import numpy as np

from sxtstudio.core.cell import Annotation
from sxtstudio.core.coverage import AnnotationFacts, annotation_facts
from sxtstudio.core.volume import LabelMap

VOXEL = (0.04, 0.04, 0.04)


def test_the_facts_of_an_annotation_say_what_it_says_without_its_voxels():
    labels_ZYX = np.zeros((4, 4, 4), np.uint8)
    labels_ZYX[0, 0, :2] = labels_ZYX[3, 3, 3] = 2
    names = {2: "lipid", 3: "nucleus"}
    annotation = Annotation(
        label_map=LabelMap(labels_ZYX=labels_ZYX, names=names, voxel_size_um=VOXEL),
        complete=frozenset({"lipid"}),
    )

    assert annotation_facts(annotation) == AnnotationFacts(
        names=names, complete=frozenset({"lipid"}), voxels={2: 3}, objects={2: 2}
    )
