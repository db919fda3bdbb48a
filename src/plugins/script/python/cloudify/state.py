"""The inputs of the running operation: `from cloudify.state import ctx_parameters as inputs`."""
import os

from . import _socket, ctx


class CtxParameters(dict):
    """Inputs by name, also as attributes; their types are those of the blueprint."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError('there is no input {!r}'.format(name)) from None


class _CurrentContext:
    @staticmethod
    def get_ctx():
        return ctx

    @staticmethod
    def get_parameters():
        return ctx_parameters


ctx_parameters = CtxParameters(_socket.call('inputs') if 'CTX_SOCKET_URL' in os.environ else {})
current_ctx = _CurrentContext()

__all__ = ['ctx', 'ctx_parameters', 'current_ctx']
