"""The shop's own services: gateway, checkout, payments and inventory."""
