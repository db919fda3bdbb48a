"""A standard logger whose records go to the operation's log."""
import logging

from . import _socket

_levels = ((logging.ERROR, 'error'), (logging.WARNING, 'warning'), (logging.INFO, 'info'))


class _ContextHandler(logging.Handler):
    def emit(self, record):
        try:
            level = next((name for limit, name in _levels if record.levelno >= limit), 'debug')
            _socket.call('logger', level, self.format(record))
        except Exception:
            self.handleError(record)


def make_logger():
    logger = logging.getLogger('ctx')
    if not any(isinstance(handler, _ContextHandler) for handler in logger.handlers):
        logger.addHandler(_ContextHandler())
        logger.setLevel(logging.DEBUG)
        logger.propagate = False
    return logger
