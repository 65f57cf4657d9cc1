"""A ServiceNow that runs here: the Table API as documented, with its bad habits on switches. Nothing of the product."""
