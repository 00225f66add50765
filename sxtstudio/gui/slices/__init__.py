"""The three orthogonal planes through a tomogram."""
