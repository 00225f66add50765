"""The tools of the editor as pure functions: arrays and options in, regions to be painted out."""
