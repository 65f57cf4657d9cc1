"""What is carried away from the trail, for reading and for tables."""
