"""ServiceNow, outwards: its Table API, our words in its words, and the rules for what comes back."""
