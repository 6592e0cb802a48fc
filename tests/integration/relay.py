"""What stands between a client and an app and goes wrong as it is told to."""

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import requests

PASSED_ON = ("Authorization", "Content-Type", "Idempotency-Key")


class Relay:
    """Passes requests on to *url*, but for those that *faults* takes: its items are used up by uploads in order.

    An item is (status, headers), an answer in place of the app's; "cut": the app gets it, its answer is lost; None.
    """

    def __init__(self, url, *faults):
        self.target = url
        self.faults = list(faults)
        self.uploads = 0

    @contextmanager
    def running(self):
        """Its URL."""
        relay = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                relay.answer(self, b"")

            def do_POST(self):
                relay.answer(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def answer(self, handler, body):
        fault = None
        if handler.command == "POST" and handler.path == "/api/imports":
            self.uploads += 1
            fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, tuple):
            status, headers, content = *fault, b"{}"
        else:
            sent = {name: handler.headers[name] for name in PASSED_ON if name in handler.headers}
            reply = requests.request(
                handler.command, self.target + handler.path, data=body, headers=sent, timeout=60, allow_redirects=False
            )
            status, headers, content = reply.status_code, dict(reply.headers), reply.content
        handler.close_connection = True
        if fault == "cut":
            return
        handler.send_response(status)
        for name in ("Content-Type", "Location", "Retry-After"):
            if name in headers:
                handler.send_header(name, headers[name])
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)
