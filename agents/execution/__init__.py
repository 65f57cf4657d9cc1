"""The hands: verify everything again from signed bytes, act once, leave a record, take back what did not help."""
