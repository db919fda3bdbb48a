// `plugins upload`: takes a plugin with its files into the state directory.
import type { CommandDefinition } from '../definition.ts'

export const pluginsUpload: CommandDefinition = {
  words: 'plugins upload',
  summary: 'check a plugin and keep it for blueprints to import',
  arguments: [{ name: 'PATH', description: 'folder, or zip / tar / tar.gz archive, with a plugin.yaml' }],
  options: [
    { flags: '-y, --yaml <file>', description: 'its YAML file below the folder or archive (default: plugin.yaml)' },
  ],
  examples: ['fermata plugins upload my-plugin.zip', 'fermata plugins upload my-plugin -y plugin_1_4.yaml'],
  async run(call) {
    const path = call.argument(0)
    const yamlFile = call.text('yaml')
    const fermata = await call.fermata()
    const record = await fermata.plugins.upload(yamlFile === undefined ? { path } : { path, yamlFile })
    if (call.isJson) call.printJson(record)
    else if (call.isQuiet) call.print(record.name)
    else call.print(`Uploaded plugin '${record.name}' ${record.version}; import it as plugin:${record.name}`)
  },
}
