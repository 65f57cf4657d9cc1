"""Jira, outwards: its REST API, our words in its words, and text that stays text."""
