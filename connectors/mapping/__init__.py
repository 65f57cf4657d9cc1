"""How a source without an adapter of its own is read: paths and tables of words, no code."""
