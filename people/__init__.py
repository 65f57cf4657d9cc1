"""Persons, their roles, sign-in links and API tokens."""
