"""The faults that live in a service's memory, and how fast they grow."""

LEAK = "leak"
GROWING_JOURNAL = "growing_journal"

GROWTH_BYTES_PER_S = 2_200_000
"""From about 30 MB, 60 % of a limit of 256 MB is reached after about a minute."""
