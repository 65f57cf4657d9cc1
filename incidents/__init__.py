"""What happened: alerts, correlation, incidents, the service catalogue and topology."""
