// Addresses under which the originals publish their types and plugins: they stand for files that come with fermata.

const spec = String.raw`(?:www\.)?(?:getcloudify\.org|cloudify\.co)\/spec`
const owner = String.raw`cloudify-(?:cosmo|incubator|community)`
const pluginFile = String.raw`(?:v\d+_)?plugin(?:_[\w.]+)?\.yaml`
/** The files that a plugin's repository has: its plugin.yaml, what is compatible with 2.x, and the types of a part. */
const repositoryFile = String.raw`(?:${pluginFile}|(?:v\d+_)?compat(?:_[\w.]+)?\.yaml|[\w-]+\/types\.yaml)`

const ofSpec = new RegExp(String.raw`^https?:\/\/${spec}\/([\w-]+)-plugin\/[^/]+\/${pluginFile}$`, 'i')
const ofRepository = [
  String.raw`raw\.githubusercontent\.com\/${owner}\/([\w-]+)-plugin\/[^?#]+\/${repositoryFile}`,
  String.raw`github\.com\/${owner}\/([\w-]+)-plugin\/(?:raw|blob)\/[^?#]+\/${repositoryFile}`,
  String.raw`github\.com\/${owner}\/([\w-]+)-plugin\/releases\/(?:latest\/)?download\/(?:[^/?#]+\/)?${repositoryFile}`,
].map((source) => new RegExp(`^https?:\\/\\/${source}$`, 'i'))

const typesOfSpec = new RegExp(String.raw`^https?:\/\/${spec}\/cloudify\/[^/]+\/types(?:_\w+)?\.yaml$`, 'i')
const typesOfRepository = new RegExp(
  String.raw`^https?:\/\/raw\.githubusercontent\.com\/${owner}\/cloudify-manager\/[^?#]+\/types(?:_\w+)?\.yaml$`,
  'i',
)

/** The plugin that a published address stands for: `http://www.getcloudify.org/spec/openstack-plugin/2.0/plugin.yaml`. */
export function pluginOfAddress(address: string): string | undefined {
  const name = [ofSpec, ...ofRepository]
    .map((pattern) => pattern.exec(address)?.[1])
    .find((found) => found !== undefined)
  if (name === undefined) return undefined
  return name.startsWith('cloudify-') ? `${name}-plugin` : `cloudify-${name}-plugin`
}

export function isTypesAddress(target: string): boolean {
  return (
    /^(?:resource:)?\/?cloudify\/types\/types(_\w+)?\.yaml$/.test(target) ||
    typesOfSpec.test(target) ||
    typesOfRepository.test(target)
  )
}
