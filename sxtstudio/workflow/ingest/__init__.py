"""Bulk ingest of old work: find tomograms with labels, propose what they mean, take them in."""
