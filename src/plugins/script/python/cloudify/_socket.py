"""The connection to the engine that runs this script. One for the process, used by one thread at a time.

HTTP is spoken by hand: importing http.client would double the time that a short script takes to start.
"""
import json
import os
import socket
import threading

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
    if url.startswith('ctx:'):
        # On another host: the `ctx` command beside the script knows the way.
        import subprocess
        with _lock:
            answer = subprocess.run([url[4:], '--fermata-json'], input=text, stdout=subprocess.PIPE, check=True)
        return json.loads(answer.stdout.decode('utf-8'))
    address, _, path = url.split('://', 1)[-1].partition('/')
    with _lock:
        try:
            return json.loads(_exchange(_connection(address), address, '/' + path, text).decode('utf-8'))
        except Exception:
            # Whatever is half sent or half read must not meet the next request.
            _connections.pop(os.getpid(), None)
            raise


def _connection(address):
    # A forked child must not share its parent's connection.
    if os.getpid() not in _connections:
        host, _, port = address.partition(':')
        connection = socket.create_connection((host, int(port or 80)))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _connections[os.getpid()] = connection.makefile('rwb')
    return _connections[os.getpid()]


def _exchange(stream, address, path, text):
    head = 'POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n'
    stream.write(head.format(path, address, len(text)).encode('latin-1') + text)
    stream.flush()
    if not stream.readline():
        raise ContextError('the engine has closed the connection')
    length = 0
    for line in iter(stream.readline, b'\r\n'):
        name, _, value = line.partition(b':')
        if name.lower() == b'content-length':
            length = int(value)
        if not line:
            break
    return stream.read(length)
