"""A shop in miniature: real processes on loopback that can be broken and healed. Imports nothing of the product."""
