"""Which alerts belong together. Pure: same inputs, same answer, and the sentence that explains it."""
