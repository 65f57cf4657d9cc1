"""What `publish_registry` does not publish."""

import pytest

from approvals import registry
from approvals.services.publish_registry import publish_first
from core.actors import SYSTEM
from core.errors import BadInputError


def test_a_document_that_is_no_registry_is_refused(cast):
    document = registry.read(registry.chain()[0][0])

    with pytest.raises(BadInputError, match="cannot be published"):
        publish_first({**document, "mode": "party"}, actor=SYSTEM, why="test")
