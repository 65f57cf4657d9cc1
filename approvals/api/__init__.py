"""Changes, requests, decisions, keys and policies over HTTP; the pages use the same endpoints."""
