"""What was answered to a request with an Idempotency-Key."""

from core.idempotency import AnyReceipt


class Receipt(AnyReceipt):
    """An answer about incidents that is given again."""
