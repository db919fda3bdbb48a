// lint.upload_resources: a section of old blueprints that does nothing here.
import type { LintRule } from '../rule.ts'

const section = 'upload_resources'

export const uploadResources: LintRule = {
  id: 'lint.upload_resources',
  summary: 'The blueprint has the section `upload_resources`.',
  why: 'It told a manager which plugins and types to fetch while uploading. fermata fetches nothing by itself; it passes the section over.',
  example: { blueprint: '\nupload_resources:\n  plugin_resources:\n    - http://example.com/plugin.wgn\n' },
  better: { blueprint: '\nimports:\n  - cloudify/types/types.yaml\n' },
  *check({ document, isOwn }) {
    for (const source of document.sources) {
      if (!isOwn(source) || !Object.hasOwn(source.value, section)) continue
      yield {
        place: { source, path: [section], aim: 'key' },
        message: `'${section}' does nothing here`,
        hint: 'put the files into the blueprint folder and import them from there',
      }
    }
  },
}
