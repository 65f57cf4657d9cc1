"""The witness over HTTP: small bodies, short patience, few at once."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from audit.witness.judge import Answer, Judge

MAX_BODY = 100_000
PATIENCE_S = 10
AT_ONCE = 64
NEWEST = re.compile(r"/(?P<place>[0-9a-f]{64})/checkpoint\Z")


class Server(ThreadingHTTPServer):
    """Serves one judge."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 2 * AT_ONCE  # the default of five turns away whom `room` would have let wait

    def __init__(self, address: tuple[str, int], judge: Judge) -> None:
        self.judge = judge
        self.room = threading.BoundedSemaphore(AT_ONCE)
        super().__init__(address, Handler)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "countersign-witness", ""
    timeout = PATIENCE_S
    server: Server

    def do_GET(self) -> None:
        """The newest head of a log."""
        match = NEWEST.match(self.path)
        self._answer(self.server.judge.newest(match["place"]) if match else Answer(status=404, body="Not found.\n"))

    def do_POST(self) -> None:
        """`add-checkpoint`."""
        length = self.headers.get("Content-Length", "")
        if self.path != "/add-checkpoint":
            self._refuse(404, "Not found.\n")
        elif not length.isascii() or not length.isdigit():
            self._refuse(411, "Send the length of the body.\n")
        elif int(length) > MAX_BODY:
            self._refuse(413, "The body is too long.\n")
        elif not self.server.room.acquire(blocking=False):
            self._refuse(503, "Too many at once. Try again in a moment.\n")
        else:
            try:
                self._answer(self._judged(int(length)))
            finally:
                self.server.room.release()

    def _judged(self, length: int) -> Answer:
        try:
            return self.server.judge.add_checkpoint(self.rfile.read(length).decode("utf-8"))
        except UnicodeDecodeError:
            return Answer(status=400, body="The body is not UTF-8.\n")

    def _refuse(self, status: int, body: str) -> None:
        """Answer without having read the body; the connection cannot be used again."""
        self.close_connection = True
        self._answer(Answer(status=status, body=body))

    def _answer(self, answer: Answer) -> None:
        data = answer.body.encode("utf-8")
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)
