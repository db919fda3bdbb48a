// Sizes for people: `1.5 MiB`.

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** Empty for a size that nobody told. */
export function sizeText(bytes: number | null): string {
  if (bytes === null) return ''
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** step
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[step]}`
}
