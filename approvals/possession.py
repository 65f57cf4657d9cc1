"""An SSH key by its public half. That it is held is shown by the act that it signs."""

from approvals.registry_documents import NewKey
from core.errors import BadInputError
from proof import sshsig
from proof.keys import SSH_FILE, SSH_SK, KeyFormatError


def from_file(public: str, *, label: str) -> NewKey:
    """A key from its public line; one on a security key is of the lower class until it shows that it checks its user.

    Raises:
        BadInputError: It is not an SSH key that is taken.
    """
    try:
        line = sshsig.parse_public_line(public)
    except KeyFormatError as error:
        raise BadInputError(str(error)) from error
    key_class = SSH_SK if line.is_security_key else SSH_FILE
    return NewKey(key_id=line.key_id, key_class=key_class, public=line.line, label=label)
