"""May it be done: risk, policy, changes, requests, keys, signed decisions."""
