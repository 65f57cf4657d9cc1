"""Mutual TLS as it really is: a client's handshake with a proxy that ends TLS, and a server behind it."""

import asyncio
import base64
import ssl
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_network

import pytest
import uvicorn
from django.db import connections

from connectors.certificates import told
from connectors.intake.asgi import answer_posts, limit_body
from connectors.models import Delivery
from connectors.services.require_certificates import require_certificates
from core.actors import SYSTEM
from tests.connectors.intake.certs import make

pytestmark = pytest.mark.django_db(transaction=True)
HOST = "hooks.test"


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setattr("core.doorbell._send", lambda *_: None)


@pytest.fixture(scope="module")
def authority():
    return make("authority")


@pytest.fixture
def mine(authority):
    return make("monitor", by=authority)


@pytest.fixture
def held(endpoint, mine, settings):
    settings.TLS_PROXIES = [ip_network("127.0.0.1/32")]
    require_certificates(endpoint.source.slug, [told(mine.pem)], actor=SYSTEM)
    return endpoint


@asynccontextmanager
async def serving(*, proxy_headers=False):
    """Our hooks under a real server."""

    async def nowhere(scope, receive, send):
        raise AssertionError

    app = limit_body(answer_posts(nowhere))
    options = {"lifespan": "off", "log_config": None, "ws": "none", "proxy_headers": proxy_headers}
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, **options))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 -- it says so nowhere else
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task
        await asyncio.to_thread(connections.close_all)


@asynccontextmanager
async def proxying(behind, authority, folder, *, strips=True):
    """A proxy that ends TLS, asks for a client certificate and writes Client-Cert in place of what was sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(make(HOST, by=authority, host=HOST).save(folder, "server"))
    context.load_verify_locations(cadata=authority.pem)
    context.verify_mode = ssl.CERT_OPTIONAL

    async def pass_on(reader, writer):
        head, _, rest = (await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")
        lines = [
            line for line in rest.split(b"\r\n") if line and not (strips and line.lower().startswith(b"client-cert:"))
        ]
        der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        if der:
            lines.append(b"Client-Cert: :" + base64.b64encode(der) + b":")
        length = next(int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length"))
        body = await reader.readexactly(length)
        inner, outer = await asyncio.open_connection("127.0.0.1", behind)
        outer.write(b"\r\n".join([head, *lines, b"Connection: close", b"", body]))
        writer.write(await inner.read())
        await writer.drain()
        for one in (outer, writer):
            one.close()
            with suppress(ConnectionError, ssl.SSLError):
                await one.wait_closed()

    server = await asyncio.start_server(pass_on, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def post(port, path, *headers, tls=None):
    """The status and the body of an answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls, server_hostname=HOST if tls else None)
    body = b'{"alerts": []}'
    head = [
        f"POST {path} HTTP/1.1",
        "Host: x",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    if tls is None:
        head.append("Connection: close")
    writer.write("\r\n".join([*head, "", ""]).encode() + body)
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    with suppress(ConnectionError, ssl.SSLError):
        await writer.wait_closed()
    return int(answer.split(b" ")[1]), answer.partition(b"\r\n\r\n")[2].decode()


def trusting(authority, folder=None, presented=None):
    context = ssl.create_default_context(cadata=authority.pem)
    if presented is not None:
        context.load_cert_chain(presented.save(folder, "client"))
    return context


async def test_a_client_with_its_certificate_comes_through_and_nobody_else(held, authority, mine, tmp_path):
    path = f"/hooks/alertmanager/{held.token}"
    twin = make("monitor", by=authority)
    forged = f"Client-Cert: {mine.header}"
    async with serving() as behind, proxying(behind, authority, tmp_path) as port:
        right = await post(port, path, tls=trusting(authority, tmp_path, mine))
        other = await post(port, path, tls=trusting(authority, tmp_path, twin))
        none = await post(port, path, tls=trusting(authority))
        sent = await post(port, path, forged, tls=trusting(authority))
        both = await post(port, path, forged, tls=trusting(authority, tmp_path, twin))

    assert right[0] == 202
    assert (other[0], "client-certificate-unknown" in other[1]) == (401, True)
    assert (none[0], "client-certificate-missing" in none[1]) == (401, True)
    assert (sent[0], "client-certificate-missing" in sent[1]) == (401, True)
    assert (both[0], "client-certificate-unknown" in both[1]) == (401, True)
    assert await asyncio.to_thread(stored) == 1


async def test_a_proxy_that_adds_and_does_not_strip_helps_nobody(held, authority, mine, tmp_path):
    path, forged = f"/hooks/alertmanager/{held.token}", f"Client-Cert: {mine.header}"
    twin = make("monitor", by=authority)
    async with serving() as behind, proxying(behind, authority, tmp_path, strips=False) as port:
        status, said = await post(port, path, forged, tls=trusting(authority, tmp_path, twin))

    assert (status, "client-certificate-malformed" in said) == (401, True)


@pytest.mark.parametrize("proxy_headers", [False, True])
@pytest.mark.parametrize("forwarded", ["10.9.9.9", "10.9.9.9:443", "192.0.2.1, 10.9.9.9", "[10.9.9.9]:1"])
async def test_whoever_reaches_the_server_himself_forges_in_vain(held, mine, settings, proxy_headers, forwarded):
    settings.TLS_PROXIES = [ip_network("10.9.9.9/32")]
    path = f"/hooks/alertmanager/{held.token}"
    async with serving(proxy_headers=proxy_headers) as port:
        status, said = await post(port, path, f"Client-Cert: {mine.header}", f"X-Forwarded-For: {forwarded}")

    assert (status, "client-certificate-missing" in said) == (401, True)


def stored():
    try:
        return Delivery.objects.count()
    finally:
        connections.close_all()
