// Names of plugin packages: they become folder names and stand in imports, so only plain ones will do.
const pattern = /^[A-Za-z][A-Za-z0-9._~-]{0,127}$/

export function isPackageName(text: string): boolean {
  return pattern.test(text)
}
