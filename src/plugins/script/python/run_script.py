"""Runs a Python script as the main program and tells the engine which exception ended it.

usage: run_script.py SCRIPT [ARGUMENT...]
"""
import os
import runpy
import sys
import traceback


def main():
    script = sys.argv[1]
    sys.argv = sys.argv[1:]
    sys.path[0] = os.path.dirname(os.path.abspath(script))
    try:
        runpy.run_path(script, run_name='__main__')
    except SystemExit:
        save_properties()
        raise
    except BaseException as error:
        sys.exit(failed(error, script))
    save_properties()


def save_properties():
    """Only a script that used ctx has anything to save."""
    properties = sys.modules.get('cloudify._properties')
    if properties is not None:
        properties.save_all()


def failed(error, script):
    trace = traceback_of(error, script)
    if 'CTX_SOCKET_URL' not in os.environ:
        sys.stderr.write(trace)
        return 1
    from cloudify import _socket

    description = description_of(error, trace)
    # An abort or a retry is said on purpose; its message is enough for the log.
    if description['kind'] == 'failure':
        sys.stderr.write(trace)
    try:
        save_properties()
    finally:
        _socket.report(description)
    return 1


def description_of(error, trace):
    from cloudify.exceptions import NonRecoverableError, OperationRetry, RecoverableError

    kind, prefix = 'failure', '{}: '.format(type(error).__name__)
    for name, known in (('abort', NonRecoverableError), ('retry', OperationRetry), ('failure', RecoverableError)):
        if isinstance(error, known):
            kind, prefix = name, ''
            break
    after = getattr(error, 'retry_after', None)
    return {
        'kind': kind,
        'type': type(error).__name__,
        'message': prefix + str(error),
        'retry_after': after if isinstance(after, (int, float)) and not isinstance(after, bool) else None,
        'traceback': trace,
    }


def traceback_of(error, script):
    """Without the frames of this file and of runpy, which tell the script's author nothing."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename != script:
        frames = frames.tb_next
    return ''.join(traceback.format_exception(type(error), error, frames))


if __name__ == '__main__':
    main()
