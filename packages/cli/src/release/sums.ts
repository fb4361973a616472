/** SHA-256 of files in hexadecimal digits, by their paths. */
export type Sums = ReadonlyMap<string, string>

/**
 * Reads what `sha256sum` prints. Undefined if a line is anything else, if a path leaves its folder, or if one path comes twice: another
 * reader of the same text might take something else for it.
 */
export const readSums = (text: string): Sums | undefined => {
  const rows = text.split('\n').filter((line) => line !== '')
  const sums = new Map<string, string>()
  for (const row of rows) {
    const [, hash = '', path = ''] = /^([0-9a-f]{64}) [ *]([^\\\r]+)$/.exec(row) ?? []
    const leaves = path.startsWith('/') || path.split('/').some((part) => part === '' || part === '..' || part === '.')
    if (hash === '' || leaves || sums.has(path)) return undefined
    sums.set(path, hash)
  }
  return sums.size === 0 ? undefined : sums
}
