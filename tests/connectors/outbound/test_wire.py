"""Posting to the address that was checked, and to no other."""

import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.outbound import wire
from connectors.outbound.wire import Letter, post

BODY = b'{"specversion":"1.0"}'


def letter(url, *headers):
    return Letter(url=url, headers=(("Content-Type", "application/cloudevents+json"), *headers), body=BODY)


@pytest.fixture
def names(monkeypatch):
    """What names mean: a list of answers, given one after the other; `asked` says how often."""

    class Names:
        asked = 0
        connected = []  # noqa: RUF012 -- set anew below

        def mean(self, *addresses):
            self.left = list(addresses)

    found = Names()
    found.connected = []
    real = httpcore.SyncBackend.connect_tcp

    def getaddrinfo(_host, port, **_how):
        found.asked += 1
        address = found.left.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect_tcp(self, host, port, *rest):
        found.connected.append(host)
        return real(self, host, port, *rest)

    resolver = SimpleNamespace(getaddrinfo=getaddrinfo, SOCK_STREAM=socket.SOCK_STREAM)
    monkeypatch.setattr(wire, "socket", resolver)
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect_tcp)
    return found


def port_of(url):
    return url.rpartition(":")[2]


def test_it_posts_the_bytes_and_says_what_was_answered(receiver, listed):
    url, seen = receiver((202, {"Retry-After": "7"}))

    answer = post(letter(f"{url}/a?b=c", ("webhook-id", "x")))

    assert (answer.status, answer.retry_after, answer.trouble) == (202, "7", "")
    ((path, headers, body),) = seen
    assert (path, body, headers["webhook-id"]) == ("/a?b=c", BODY, "x")
    assert headers["Host"] == url.removeprefix("http://")


def test_a_name_that_changes_its_mind_gets_the_address_that_was_checked(receiver, listed, names):
    url, seen = receiver()
    names.mean("127.0.0.1", "169.254.169.254")

    assert post(letter(f"http://rebind.example:{port_of(url)}/")).status == 204

    assert (names.asked, names.connected, len(seen)) == (1, ["127.0.0.1"], 1)
    assert seen[0][1]["Host"] == f"rebind.example:{port_of(url)}"


def test_a_name_that_has_come_to_mean_the_inside_is_told_nothing(listed, names):
    names.mean("169.254.169.254", "10.0.0.1")

    assert "credentials" in post(letter("https://rebind.example/")).trouble
    assert "not public" in post(letter("https://rebind.example/")).trouble
    assert names.connected == []


@pytest.mark.parametrize("spelt", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost"])
def test_other_spellings_of_the_inside_are_refused(settings, spelt):
    settings.WEBHOOK_NETWORKS = []

    answer = post(letter(f"http://{spelt}/"))

    assert answer.status == 0
    assert "not public" in answer.trouble or "no address" in answer.trouble


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_the_inside_is_not_followed(receiver, listed, names, status):
    url, seen = receiver((status, {"Location": "http://169.254.169.254/latest/meta-data/"}))
    names.mean("127.0.0.1", "169.254.169.254")

    answer = post(letter(f"http://hook.example:{port_of(url)}/"))

    assert answer.status == status
    assert (names.connected, len(seen)) == (["127.0.0.1"], 1)


def test_the_proxy_of_the_environment_is_not_asked(receiver, listed, monkeypatch):
    url, seen = receiver()
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert post(letter(url)).status == 204
    assert len(seen) == 1


def test_nobody_there_is_an_answer(listed):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        answer = post(letter(f"http://127.0.0.1:{taken.getsockname()[1]}/"))

    assert answer.status == 0
    assert "cannot be reached" in answer.trouble


def test_a_byte_now_and_then_does_not_hold_it_open(serve, listed, monkeypatch):
    monkeypatch.setattr(wire, "TIMEOUT_S", 0.4)
    over = threading.Event()

    def drip(handler):
        for _ in range(100):
            handler.wfile.write(b"H")
            handler.wfile.flush()
            if over.wait(0.05):
                return

    url, _ = serve(drip)
    began = time.monotonic()
    answer = post(letter(url))
    over.set()

    assert (answer.status, time.monotonic() - began < 5) == (0, True)


def test_an_answer_without_end_is_not_read_to_the_end(serve, listed):
    def flood(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000000")
        handler.end_headers()
        try:
            for _ in range(1000):
                handler.wfile.write(b"x" * 65_536)
        except OSError:
            handler.close_connection = True

    url, _ = serve(flood)

    assert post(letter(url)).status == 200


def test_what_is_no_http_is_an_answer(serve, listed):
    url, _ = serve(lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"))

    assert "cannot be reached" in post(letter(url)).trouble


def test_the_certificate_must_hold_the_name_whatever_the_address(listed, names, tmp_path, monkeypatch):
    with tls_server("hook.example", tmp_path) as (port, trusted):
        monkeypatch.setattr(wire, "_trust", lambda: trusted)
        names.mean("127.0.0.1", "127.0.0.1", "127.0.0.1")

        assert post(letter(f"https://hook.example:{port}/")).status == 204
        assert "certificate" in post(letter(f"https://other.example:{port}/")).trouble
        monkeypatch.undo()


def tls_server(name, folder):
    """A server with a certificate for one name, and what trusts it."""
    from contextlib import contextmanager
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args):
            pass

    class Server(HTTPServer):
        def handle_error(self, *_args):  # a client that hangs up on our certificate is what is tested
            pass

        def get_request(self):
            raw, address = super().get_request()
            return context.wrap_socket(raw, server_side=True), address

    cert = certificate(name, folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert)

    @contextmanager
    def running():
        server = Server(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_address[1], ssl.create_default_context(cafile=str(cert))
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    return running()


def certificate(name, folder):
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "cert.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path
