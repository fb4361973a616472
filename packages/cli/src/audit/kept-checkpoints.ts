import { readFile } from 'node:fs/promises'
import { CommandEnd } from '@joinery/host/command-end'
import type { Kept } from '@joinery/tlog'
import { exitCodes } from '../terminal/errors.ts'

/** A checkpoint in a line of syslog: a JSON string, as the server writes it. */
const inLine = /checkpoint ("(?:[^"\\]|\\.)*")\s*$/

/**
 * The checkpoints in a file that somebody kept: one note, or lines of a log of syslog, of which any number may be others. Throws if
 * it has none.
 */
export const readKept = async (file: string): Promise<Kept[]> => {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CommandEnd(exitCodes.failure, `${file} cannot be read (${error.code})`)
  })
  const lines = text.split('\n').flatMap((line, index) => {
    const [, quoted] = inLine.exec(line) ?? []
    const note = quoted === undefined ? undefined : parse(quoted)
    return note === undefined ? [] : [{ name: `${file}, line ${index + 1}`, note }]
  })
  if (lines.length > 0) return lines
  if (text.includes('\n\n')) return [{ name: file, note: text }]
  throw new CommandEnd(
    exitCodes.usage,
    `${file} has no checkpoint`,
    'name a file that audit.checkpoints of the server wrote'
  )
}

const parse = (quoted: string): string | undefined => {
  try {
    return String(JSON.parse(quoted))
  } catch {
    return undefined
  }
}

/** Origin that a note states, as far as it can be read. Nothing of it is trusted yet. */
export const statedOrigin = (note: string | Uint8Array): string => {
  const text = typeof note === 'string' ? note : Buffer.from(note).toString()
  return text.slice(0, 1024).split('\n')[0] ?? ''
}
