"""The connection to the engine that runs this script. One for the process, used by one thread at a time."""
import http.client
import json
import os
import threading
from urllib.parse import urlsplit

_lock = threading.Lock()
_connections = {}


class ContextError(RuntimeError):
    """The engine refused a request; the message says why."""


def call(*words):
    """Sends a `ctx` command and gives its value. A request to stop (abort, retry) gives None, the script goes on."""
    reply = _post({'args': list(words)})
    if reply.get('type') == 'error':
        raise ContextError(reply['payload']['message'])
    return reply['payload'] if reply.get('type') == 'result' else None


def report(exception):
    """Tells which exception ended the script."""
    _post({'raised': exception})


def _post(body):
    url = os.environ.get('CTX_SOCKET_URL')
    if not url:
        raise ContextError('CTX_SOCKET_URL is not set: ctx works only in a script that an operation runs')
    text = json.dumps(body).encode('utf-8')
    address = urlsplit(url)
    with _lock:
        # A forked child must not share its parent's connection.
        connection = _connections.get(os.getpid())
        if connection is None:
            connection = http.client.HTTPConnection(address.hostname, address.port or 80)
            _connections[os.getpid()] = connection
        try:
            connection.request('POST', address.path or '/', text, {'Content-Type': 'application/json'})
            return json.loads(connection.getresponse().read().decode('utf-8'))
        except Exception:
            # Whatever is half sent or half read must not meet the next request.
            connection.close()
            _connections.pop(os.getpid(), None)
            raise
