"""Tests of the reference library."""
