"""The window. Nothing here imports torch."""
