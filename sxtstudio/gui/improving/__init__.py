"""Networks that learn from corrections: what is asked before, and what is decided after."""
