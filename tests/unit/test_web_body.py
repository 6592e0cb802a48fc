"""A form's body: the server is asked for large pieces, and what comes out is what went in."""

import io
import os
from contextlib import closing

import pytest
from flask import Flask, request
from werkzeug.exceptions import RequestEntityTooLarge

from app.web import body

SIZE = 3 * 2**20 + 17
FEW = 2**16


class Server:
    """What gunicorn gives an app: it can be read, and no more."""

    def __init__(self, content):
        self.asked = []
        self._stream = io.BytesIO(content)

    def read(self, size=None):
        self.asked.append(size)
        return self._stream.read(size)


@pytest.fixture
def app():
    made = Flask(__name__)
    made.config["MAX_CONTENT_LENGTH"] = 2 * SIZE
    body.register(made)
    return made


def form(content, name='file"; filename="a.csv'):
    """Of two fields, one of it large."""
    parts = {name: content, "kind": b"contacts"}
    head = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n'
    return b"".join(head.format(each).encode() + said + b"\r\n" for each, said in parts.items()) + b"--b--\r\n"


def sent(app, server, size):
    about = {"wsgi.input": server, "wsgi.input_terminated": True, "CONTENT_TYPE": "multipart/form-data; boundary=b"}
    return app.test_request_context(method="POST", environ_overrides={**about, "CONTENT_LENGTH": str(size)})


def test_a_form_is_read_a_mebibyte_at_a_time_and_comes_out_whole(app):
    content = os.urandom(SIZE)
    server = Server(form(content))
    with sent(app, server, len(form(content))):
        with closing(request.files["file"]) as file:
            assert file.read() == content
        assert request.form.to_dict() == {"kind": "contacts"}
        assert request.stream.read() == b""
    assert len(server.asked) <= SIZE // 2**20 + 4
    assert min(server.asked[:3]) == 2**20


def test_a_form_of_a_client_that_hung_up_is_none(app):
    whole = form(b"a" * FEW, "notes")
    with sent(app, Server(whole[:FEW]), len(whole)):
        assert request.form.to_dict() == {}


def test_a_form_over_the_limit_is_refused(app):
    app.config["MAX_CONTENT_LENGTH"] = FEW
    with sent(app, Server(form(b"a" * FEW, "notes")), FEW - 1), pytest.raises(RequestEntityTooLarge):
        _ = request.form
