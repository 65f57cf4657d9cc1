"""A Jira that runs here: its REST API as documented, with its bad habits on switches. Nothing of the product."""
