"""The `ctx` object. Everything is asked for when it is used; what cannot change is asked for once."""
from . import _logger, _socket
from ._properties import RuntimeProperties


class _Part:
    """A part of the context, reached by `words`. `_fixed` names the values that never change during an operation."""

    _fixed = ()

    def __init__(self, *words):
        self._words = words

    def _call(self, *words):
        return _socket.call(*(self._words + words))

    def __getattr__(self, name):
        if name.startswith('_') or name not in self._fixed:
            raise AttributeError('ctx{} has no attribute {!r}'.format(''.join('.' + w for w in self._words), name))
        value = self._call(name.replace('_', '-'))
        self.__dict__[name] = value
        return value


class ReadOnlyProperties(dict):
    """Properties of a node. They belong to the blueprint; runtime properties are for what changes."""

    def _refuse(self, *_args, **_named):
        raise TypeError('node properties are read only; use ctx.instance.runtime_properties')

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse


class Node(_Part):
    _fixed = ('id', 'name', 'type', 'type_hierarchy')

    @property
    def properties(self):
        if '_properties' not in self.__dict__:
            self._properties = ReadOnlyProperties(self._call('properties'))
        return self._properties


class Instance(_Part):
    _fixed = ('id', 'index', 'host_ip')

    @property
    def runtime_properties(self):
        if '_runtime_properties' not in self.__dict__:
            self._runtime_properties = RuntimeProperties(self._words)
        return self._runtime_properties

    @runtime_properties.setter
    def runtime_properties(self, values):
        properties = self.runtime_properties
        dict.clear(properties)
        properties.update(values)

    @property
    def relationships(self):
        return [Relationship(value) for value in self._call('relationships')]

    def update(self, on_conflict=None):
        if '_runtime_properties' in self.__dict__:
            self._runtime_properties.save()
        self._call('update')

    def refresh(self, force=False):
        if '_runtime_properties' in self.__dict__:
            self._runtime_properties.reload()


class _Record:
    def __init__(self, values):
        self.__dict__.update(values)


class Relationship:
    def __init__(self, value):
        self.type = value['type']
        self.type_hierarchy = value['type_hierarchy']
        target = value['target']
        self.target = _Record({'node': _Record(target['node']), 'instance': _Record(target['instance'])})


class End(_Part):
    """Source or target of a relationship."""

    def __init__(self, *words):
        super().__init__(*words)
        self.node = Node(*(words + ('node',)))
        self.instance = Instance(*(words + ('instance',)))


class Operation(_Part):
    _fixed = ('name', 'retry_number', 'max_retries', 'relationship', 'key', 'in_doubt')

    def retry(self, message=None, retry_after=None):
        """The operation will be run again, once the script has ended."""
        return self._call('retry', message, retry_after)


class Named(_Part):
    _fixed = ('id', 'name', 'display_name', 'tenant_name')


class Context(_Part):
    _fixed = ('type', 'execution_id', 'workflow_id', 'task_id', 'task_name', 'tenant_name')

    def __init__(self):
        super().__init__()
        self.node = Node('node')
        self.instance = Instance('instance')
        self.source = End('source')
        self.target = End('target')
        self.operation = Operation('operation')
        self.deployment = Named('deployment')
        self.blueprint = Named('blueprint')
        self.tenant = Named('tenant')
        self.plugin = Named('plugin')

    @property
    def logger(self):
        if '_made_logger' not in self.__dict__:
            self._made_logger = _logger.make_logger()
        return self._made_logger

    def returns(self, value=None):
        return self._call('returns', value)

    def abort_operation(self, message=None):
        """The operation will fail for good, once the script has ended."""
        return self._call('abort-operation', message)

    def retry_operation(self, message=None, retry_interval=None):
        return self._call('retry-operation', message, retry_interval)

    def send_event(self, event):
        return self._call('send-event', event)

    def get_secret(self, name):
        return self._call('secret', 'get', name)

    def get_resource(self, resource_path):
        """The file's bytes."""
        with open(self.download_resource(resource_path), 'rb') as resource:
            return resource.read()

    def get_resource_and_render(self, resource_path, template_variables=None):
        return self._call('get-resource-and-render', resource_path, template_variables or {})

    def download_resource(self, resource_path, target_path=None):
        return self._call('download-resource', resource_path, target_path)

    def download_resource_and_render(self, resource_path, target_path=None, template_variables=None):
        return self._call('download-resource-and-render', resource_path, target_path, template_variables or {})
