"""Acts of the cast that bear on votes: authorship, revocation, lending one's right."""

from proof import canonical, documents
from tests.proof.cast import at
from tests.proof.factory import act

DAYS = at(0), at(59)


def authored(name, change_bytes, **changes):
    return act(name, documents.AUTHOR_CHANGE, f"change:{canonical.sha256(change_bytes)}", **changes)


def revoke_key(name, key, *, by=None, since=None, **changes):
    """An act that revokes a key: of its owner, or of `by`."""
    particulars = {"reason": "lost", **({} if since is None else {"compromised_since": str(since)})}
    return act(by or name, documents.REVOKE_KEY, f"key:{key.key_id}", particulars=particulars, **changes)


def delegate(giver, taker, *, actions="config.rollback", targets="lab/*", days=DAYS, **changes):
    particulars = {
        "id": "d1",
        "delegate": taker,
        "actions": actions,
        "targets": targets,
        "not_before": days[0],
        "not_after": days[1],
    }
    return act(giver, documents.DELEGATE, "delegation:d1", particulars=particulars, **changes)
