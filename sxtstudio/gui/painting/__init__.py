"""Editing labels in the planes: tools, the journal behind them, and saving versions."""
