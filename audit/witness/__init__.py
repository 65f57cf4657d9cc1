"""A witness: signs the heads of logs that only grow, and remembers each (https://c2sp.org/tlog-witness).

A program of its own for a machine of somebody else's: the standard library, `cryptography` and `proof`, no more.
"""
