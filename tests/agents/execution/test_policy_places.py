"""The executor takes a policy from the root that was in force where the log says that it took effect."""

import pytest

from agents.execution import trust
from approvals import bundles, registry
from audit import keystore
from core import clock
from proof.documents import POLICY_PAYLOAD
from proof.multisig import sign_with_ed25519
from tests.approvals.keyholders import hand_over

pytestmark = pytest.mark.django_db


def test_a_policy_that_the_old_root_signs_after_the_handover_teaches_nothing(cast):
    """Dated before the handover, as whoever still has the old key would."""
    before = clock.now()
    hand_over(cast.oda, cast.dan)
    data = bundles.document_of(bundles.content_of("lab"), version=9, created_at=before)
    forged = sign_with_ed25519(keystore.private("root"), POLICY_PAYLOAD, data)

    with pytest.raises(trust.UntrustedError):
        trust.policy(registry.versions(), data, forged)
