"""Runtime properties: a dictionary whose changes reach the engine at once, those deep inside it when saved."""
import copy

from . import _socket

_missing = object()
_loaded = []


class RuntimeProperties(dict):
    def __init__(self, words):
        self._words = words
        super().__init__()
        self.reload()
        _loaded.append(self)

    def reload(self):
        super().clear()
        super().update(_socket.call(*(self._words + ('runtime-properties',))) or {})
        self._known = copy.deepcopy(dict(self))

    def save(self):
        """Sends what differs from what the engine knows: also changes made inside of nested values."""
        changed = {name: value for name, value in self.items() if self._known.get(name, _missing) != value}
        removed = [name for name in self._known if name not in self]
        if changed or removed:
            _socket.call(*(self._words + ('patch-runtime-properties', changed, removed)))
            self._known = copy.deepcopy(dict(self))

    def __setitem__(self, name, value):
        super().__setitem__(name, value)
        self.save()

    def __delitem__(self, name):
        super().__delitem__(name)
        self.save()

    def setdefault(self, name, default=None):
        if name not in self:
            self[name] = default
        return self[name]

    def update(self, *others, **named):
        super().update(*others, **named)
        self.save()

    def pop(self, *name_and_default):
        value = super().pop(*name_and_default)
        self.save()
        return value

    def popitem(self):
        item = super().popitem()
        self.save()
        return item

    def clear(self):
        super().clear()
        self.save()

    def __ior__(self, other):
        self.update(other)
        return self


def save_all():
    for properties in _loaded:
        properties.save()
