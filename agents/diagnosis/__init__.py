"""What may be wrong, and how sure we are: pure functions over what was read. No clock, no network, no database."""
