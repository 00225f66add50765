"""The nouns of SXT Studio, in pure numpy and scipy: no files, no threads."""
