"""The reference library: a folder of immutable cells that a laboratory shares."""
