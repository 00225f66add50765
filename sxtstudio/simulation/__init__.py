"""Simulated cells and their soft X-ray tomograms."""
