"""The outside, both ways: one module a vendor; inbox of raw deliveries."""
