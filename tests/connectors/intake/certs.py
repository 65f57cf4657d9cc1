"""Certificates for tests: an authority of one's own, and whom it signs for."""

import base64
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from connectors.certificates import digest_of
from core import clock


class Made:
    """A certificate with its key, in all the forms that somebody asks for."""

    def __init__(self, certificate, key):
        self.certificate, self.key = certificate, key
        self.sha256 = digest_of(certificate)
        self.der = certificate.public_bytes(Encoding.DER)
        self.pem = certificate.public_bytes(Encoding.PEM).decode()
        self.header = f":{base64.b64encode(self.der).decode()}:"

    def save(self, folder, name):
        path = folder / f"{name}.pem"
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        path.write_text(key + self.pem)
        return path


def make(name="monitor", by=None, begins=timedelta(days=-1), ends=timedelta(days=30), host=None):
    """A certificate of a name, signed by another or by itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), clock.now()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
    )
    if host:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    return Made(builder.sign(by.key if by else key, hashes.SHA256()), key)
