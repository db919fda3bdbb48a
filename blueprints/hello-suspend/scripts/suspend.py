from cloudify import ctx

if __name__ == '__main__':
    ctx.logger.info('suspend server_id={}'.format(ctx.node.properties['resource_id']))
