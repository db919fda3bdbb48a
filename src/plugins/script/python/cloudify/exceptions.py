"""Exceptions by which a script says how its operation ends."""


class NonRecoverableError(Exception):
    """The operation fails and is not tried again."""

    def __init__(self, *args, **kwargs):
        self.causes = kwargs.pop('causes', [])
        super().__init__(*args, **kwargs)


class RecoverableError(Exception):
    """The operation fails and may be tried again, not before `retry_after` seconds."""

    def __init__(self, message='', retry_after=None, causes=None, **kwargs):
        self.retry_after = retry_after
        self.causes = causes or []
        super().__init__(message, **kwargs)


class OperationRetry(RecoverableError):
    """The operation is not through yet and wants to be run again."""


class HttpException(NonRecoverableError):
    """A request over HTTP failed."""

    def __init__(self, url, code, message, causes=None, **kwargs):
        self.url, self.code, self.message = url, code, message
        super().__init__('{} ({}) : {}'.format(url, code, message), causes=causes or [], **kwargs)
