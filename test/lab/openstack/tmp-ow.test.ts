// Temporary.
import { expect } from 'chai'
import { openCliSite } from '../../support/cli.ts'
import { objects } from '../../support/openstack/http/call.ts'
import { environment, state } from './lab.ts'
import { labDeployment } from './site.ts'
import { readFileSync } from 'node:fs'

describe('lab try', function () {
  this.timeout(300_000)
  it('works', async () => {
    await using lab = await labDeployment()
    const { stage } = lab
    const list = async (service: any, path: string, name: string) =>
      objects((await stage.call('GET', service, path)).body[name])
    for (const one of await list('compute', '/servers/detail', 'servers'))
      if (String(one['name']).startsWith('ow-')) await stage.call('DELETE', 'compute', `/servers/${String(one['id'])}`)
    for (const one of await list('image', '/images', 'images'))
      if (String(one['name']).startsWith('ow-'))
        console.log(
          'deleted',
          one['name'],
          (await stage.call('DELETE', 'image', `/images/${String(one['id'])}`)).status,
        )
    const cli = await openCliSite()
    const info = JSON.parse(readFileSync(`${state}/etc/lab.json`, 'utf8'))
    const made = await stage.call('POST', 'volumev3', '/volumes', {
      volume: { size: 1, imageRef: info.image, name: 'ow-root' },
    })
    const volume = String((made.body['volume'] as any).id)
    await stage.settled('volume', volume, 'available')
    const booted = await stage.call(
      'POST',
      'compute',
      '/servers',
      {
        server: {
          name: 'ow-vol',
          flavorRef: Object.values(info.flavors)[0],
          networks: 'none',
          block_device_mapping_v2: [{ boot_index: 0, uuid: volume, source_type: 'volume', destination_type: 'volume' }],
        },
      },
      '2.79',
    )
    console.log(booted.status, JSON.stringify(booted.body).slice(0, 300))
    const server = String((booted.body['server'] as any).id)
    await stage.serverIs(server, 'ACTIVE')
    const run = async (...words: string[]) => {
      const began = Date.now()
      const { code, stdout, stderr } = await cli.runWith({ environment }, 'openstack', ...words)
      console.log(words.join(' '), code, Date.now() - began, 'ms\n', stdout.split('\n').slice(-4).join('\n'), stderr)
      return code
    }
    const today = new Date().toISOString().slice(0, 10).replaceAll('-', '')
    expect(await run('snapshot', 'ow-vol', '--wait', '--stop', '--max-snapshots', '1')).to.equal(0)
    expect(await run('clone', 'ow-vol', `ow-clone`, '--date', today, '--wait')).to.equal(0)
    expect(await run('restore', 'ow-vol', '--date', today)).to.equal(0)
    expect(await run('snapshot', 'ow-vol', '--wait', '--stop', '--max-snapshots', '1')).to.equal(0)
    await cli.close()
    for (const one of await list('compute', '/servers/detail', 'servers')) {
      console.log(one['name'], one['status'], JSON.stringify(one['metadata']))
      if (String(one['name']).startsWith('ow-')) await stage.call('DELETE', 'compute', `/servers/${String(one['id'])}`)
    }
    for (const one of await list('volumev3', '/snapshots/detail', 'snapshots'))
      console.log('snapshot', one['name'], one['status'], one['volume_id'])
    for (const one of await list('volumev3', '/volumes/detail', 'volumes'))
      console.log('volume', one['name'], one['id'], one['status'])
  })
})
