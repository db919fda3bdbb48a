"""What Python scripts of a blueprint import: `from cloudify import ctx`."""
from ._context import Context

ctx = Context()

__all__ = ['ctx']
