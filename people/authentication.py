"""Bearer tokens for the REST API."""

from rest_framework.authentication import BaseAuthentication


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer TOKEN`."""
