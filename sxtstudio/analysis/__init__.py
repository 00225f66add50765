"""Measuring and rendering what was segmented."""
