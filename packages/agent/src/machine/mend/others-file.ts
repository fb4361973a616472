import type { Files } from '@joinery/host/files'

const longest = 1024 * 1024

export type OthersFile = { text: string; mode: number } | 'absent' | { problem: string }

/**
 * A file that somebody else keeps, for a change of some of its lines. It is a problem if the file could not be given
 * back as it was.
 */
export const othersFile = async (files: Files, path: string): Promise<OthersFile> => {
  const found = await files.stat(path)
  if (found === undefined) return 'absent'
  if (found.kind === 'link') return { problem: `${path} is a link: something else manages it` }
  if (found.kind === 'other') return { problem: `${path} is no file` }
  if (found.size > longest) return { problem: `${path} has ${found.size} bytes` }
  const text = (await files.read(path)) ?? ''
  // U+FFFD: bytes that were no UTF-8 would be lost
  if (/[\0\uFFFD]/.test(text)) return { problem: `${path} is no text` }
  return { text, mode: found.mode }
}

/**
 * Keeps the text beside the file, if that has not been done yet. It never writes over a file that lies there. Returns
 * the path.
 */
export const keepBackup = async (files: Files, path: string, { text, mode }: { text: string; mode: number }) => {
  for (let number = 1; ; number += 1) {
    const backup = `${path}.joinery-backup-${number}`
    if (await files.create(backup, text, mode)) return backup
    if ((await files.stat(backup))?.size === Buffer.byteLength(text) && (await files.read(backup)) === text)
      return backup
  }
}

/** The lines in which two texts differ, for a person. */
export const changedLines = (before: string, after: string): { before: string; after: string } => {
  const [old, young] = [before.split('\n'), after.split('\n')]
  const only = (lines: string[], others: string[]): string =>
    lines.filter((line) => line.trim() !== '' && !others.includes(line)).join('\n')
  return { before: only(old, young), after: only(young, old) }
}
