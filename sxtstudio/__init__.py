"""SXT Studio: task-based segmentation and measurement of soft X-ray tomograms of cells."""

__version__ = "0.1.0"
