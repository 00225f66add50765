"""Files to arrays and back: one module a format."""
