"""Joins files, project, engine, analysis and simulation into the steps of a user's work."""
