import base64
import hashlib
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_private_key

from proof import sshsig
from proof.envelope import SignatureError
from proof.keys import KeyFormatError

SPACE = "countersign-decision-v1"
MESSAGE = b"DSSEv1 1 x 2 {}"
ED25519 = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
P256 = ec.derive_private_key(7, ec.SECP256R1())


def line_of(private):
    return private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def keygen(*arguments, data=None):
    return subprocess.run(["ssh-keygen", *arguments], input=data, capture_output=True, check=False)


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa"])
@pytest.mark.parametrize("digest", ["sha256", "sha512"])
def test_what_ssh_keygen_signs_is_accepted(tmp_path, kind, digest):
    keygen("-q", "-t", kind, "-N", "", "-f", tmp_path / "key")
    (tmp_path / "pae").write_bytes(MESSAGE)
    keygen("-Y", "sign", "-q", "-f", tmp_path / "key", "-n", SPACE, "-O", f"hashalg={digest}", tmp_path / "pae")
    armored = (tmp_path / "pae.sig").read_text()

    assert sshsig.verify(armored, (tmp_path / "key.pub").read_text(), SPACE, MESSAGE) == "ssh-file"


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa"])
def test_what_we_sign_is_accepted_by_ssh_keygen(tmp_path, kind):
    keygen("-q", "-t", kind, "-N", "", "-f", tmp_path / "key")
    private = load_ssh_private_key((tmp_path / "key").read_bytes(), None)
    (tmp_path / "sig").write_text(sshsig.sign(private, SPACE, MESSAGE))
    (tmp_path / "signers").write_text(f'ben namespaces="{SPACE}" {line_of(private)}\n')
    verify = ["-Y", "verify", "-f", tmp_path / "signers", "-I", "ben", "-n", SPACE, "-s", tmp_path / "sig"]

    assert keygen(*verify, data=MESSAGE).returncode == 0
    assert keygen(*verify, data=b"other").returncode != 0


@pytest.mark.parametrize("private", [ED25519, P256])
def test_another_namespace_message_or_key_is_refused(private):
    armored = sshsig.sign(private, SPACE, MESSAGE)

    assert sshsig.verify(armored, line_of(private), SPACE, MESSAGE) == "ssh-file"
    with pytest.raises(SignatureError, match="another purpose"):
        sshsig.verify(sshsig.sign(private, "git", MESSAGE), line_of(private), SPACE, MESSAGE)
    with pytest.raises(SignatureError, match="is wrong"):
        sshsig.verify(armored, line_of(private), SPACE, b"other")
    with pytest.raises(SignatureError, match="another SSH key"):
        sshsig.verify(armored, line_of(Ed25519PrivateKey.from_private_bytes(bytes(32))), SPACE, MESSAGE)


def string(data):
    return len(data).to_bytes(4, "big") + data


class SecurityKey:
    """A security key in software, which can also be made to misbehave."""

    def __init__(self, private, application=b"ssh:"):
        self.private, self.application = private, application
        if isinstance(private, Ed25519PrivateKey):
            self.kind = b"sk-ssh-ed25519@openssh.com"
            parts = [self.kind, private.public_key().public_bytes_raw(), application]
        else:
            point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            self.kind = b"sk-ecdsa-sha2-nistp256@openssh.com"
            parts = [self.kind, b"nistp256", point, application]
        self.blob = b"".join(string(part) for part in parts)
        self.line = f"{self.kind.decode()} {base64.b64encode(self.blob).decode()} ben@key"

    def sign(self, flags, message=MESSAGE, space=SPACE, counter=9):
        inner = b"SSHSIG" + string(space.encode()) + string(b"") + string(b"sha512")
        inner += string(hashlib.sha512(message).digest())
        tail = bytes([flags]) + counter.to_bytes(4, "big")
        signed = hashlib.sha256(self.application).digest() + tail + hashlib.sha256(inner).digest()
        signature = string(self.kind) + string(self.raw(signed)) + tail
        parts = (self.blob, space.encode(), b"", b"sha512", signature)
        body = b"SSHSIG" + (1).to_bytes(4, "big") + b"".join(string(part) for part in parts)
        return f"-----BEGIN SSH SIGNATURE-----\n{base64.b64encode(body).decode()}\n-----END SSH SIGNATURE-----\n"

    def raw(self, signed):
        if isinstance(self.private, Ed25519PrivateKey):
            return self.private.sign(signed)
        numbers = decode_dss_signature(self.private.sign(signed, ec.ECDSA(SHA256())))
        return b"".join(string(number.to_bytes(number.bit_length() // 8 + 1, "big")) for number in numbers)


@pytest.mark.parametrize("private", [ED25519, P256])
def test_security_keys_are_classed_by_what_they_checked(private):
    key = SecurityKey(private)

    assert sshsig.verify(key.sign(1), key.line, SPACE, MESSAGE) == "ssh-sk"
    assert sshsig.verify(key.sign(5), key.line, SPACE, MESSAGE) == "ssh-sk-uv"
    for flags in (0, 4):
        with pytest.raises(SignatureError, match="Nobody touched"):
            sshsig.verify(key.sign(flags), key.line, SPACE, MESSAGE)


@pytest.mark.parametrize("private", [ED25519, P256])
def test_ssh_keygen_takes_the_same_security_keys_even_untouched(tmp_path, private):
    key = SecurityKey(private)
    (tmp_path / "signers").write_text(f"ben {key.line}\n")
    verify = ["-Y", "verify", "-f", tmp_path / "signers", "-I", "ben", "-n", SPACE, "-s", tmp_path / "sig"]

    for flags in (5, 0):
        (tmp_path / "sig").write_text(key.sign(flags))
        assert keygen(*verify, data=MESSAGE).returncode == 0


def test_flags_that_were_forged_afterwards_are_refused():
    key = SecurityKey(ED25519)
    body = bytearray(base64.b64decode("".join(key.sign(0).splitlines()[1:-1])))
    body[-5] = 5
    forged = f"-----BEGIN SSH SIGNATURE-----\n{base64.b64encode(body).decode()}\n-----END SSH SIGNATURE-----"

    with pytest.raises(SignatureError, match="is wrong"):
        sshsig.verify(forged, key.line, SPACE, MESSAGE)


def test_a_security_key_made_for_a_web_site_is_refused():
    with pytest.raises(KeyFormatError, match="not made for SSH"):
        sshsig.parse_public_line(SecurityKey(ED25519, b"localhost").line)


def test_a_line_is_read_without_its_comment():
    found = sshsig.parse_public_line(line_of(ED25519) + " ben@laptop\n")

    assert (found.line, found.is_security_key) == (line_of(ED25519), False)
    assert sshsig.parse_public_line(SecurityKey(P256).line).is_security_key


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text.replace("BEGIN", "BEGUN"),
        lambda text: text.replace("U1NI", "U1NJ"),
        lambda text: text.replace("U1NIU0lHAAAAAQ", "U1NIU0lHAAAAAg"),
        lambda text: text[:-60] + text[-35:],
        lambda text: text.replace("\n", "\n!", 1),
        lambda text: text + "x" * 9000,
        lambda text: rebuilt(text, digest=b"md5"),
        lambda text: rebuilt(text, reserved=b"x"),
        lambda text: rebuilt(text, more=b"x"),
        lambda text: rebuilt(text, kind=b"ssh-rsa"),
        lambda text: rebuilt(text, tail=b"x"),
    ],
)
def test_malformed_signatures_are_refused(damage):
    with pytest.raises(SignatureError):
        sshsig.verify(damage(sshsig.sign(ED25519, SPACE, MESSAGE)), line_of(ED25519), SPACE, MESSAGE)


def rebuilt(_, *, digest=b"sha512", reserved=b"", more=b"", kind=b"ssh-ed25519", tail=b""):
    blob = base64.b64decode(line_of(ED25519).split()[1])
    inner = b"SSHSIG" + string(SPACE.encode()) + string(b"") + string(b"sha512")
    raw = ED25519.sign(inner + string(hashlib.sha512(MESSAGE).digest()))
    parts = (blob, SPACE.encode(), reserved, digest, string(kind) + string(raw) + tail)
    body = b"SSHSIG" + (1).to_bytes(4, "big") + b"".join(string(part) for part in parts) + more
    return f"-----BEGIN SSH SIGNATURE-----\n{base64.b64encode(body).decode()}\n-----END SSH SIGNATURE-----"


def test_the_rebuilt_signature_without_damage_is_fine():
    assert sshsig.verify(rebuilt(""), line_of(ED25519), SPACE, MESSAGE) == "ssh-file"


def test_integers_with_needless_zeros_are_refused():
    blob = base64.b64decode(line_of(P256).split()[1])
    inner = b"SSHSIG" + string(SPACE.encode()) + string(b"") + string(b"sha512")
    signed = inner + string(hashlib.sha512(MESSAGE).digest())
    numbers = decode_dss_signature(P256.sign(signed, ec.ECDSA(SHA256())))
    raw = b"".join(string(number.to_bytes(34, "big")) for number in numbers)
    parts = (blob, SPACE.encode(), b"", b"sha512", string(b"ecdsa-sha2-nistp256") + string(raw))
    body = b"SSHSIG" + (1).to_bytes(4, "big") + b"".join(string(part) for part in parts)
    armored = f"-----BEGIN SSH SIGNATURE-----\n{base64.b64encode(body).decode()}\n-----END SSH SIGNATURE-----"

    with pytest.raises(SignatureError, match="malformed"):
        sshsig.verify(armored, line_of(P256), SPACE, MESSAGE)
