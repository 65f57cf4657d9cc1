"""The few things all packages need and none owns: clock, errors, actors, permissions."""
