"""The command line: the same workflow without a window."""
