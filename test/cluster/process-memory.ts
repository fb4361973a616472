import { open, readFile } from 'node:fs/promises'

/** Which of these texts lie somewhere in what a process has written to its memory. As root. */
export const foundInMemory = async (pid: number, texts: readonly string[]): Promise<string[]> => {
  const found = new Set<string>()
  await using memory = await open(`/proc/${pid}/mem`)
  for (const { from, to } of writable(await readFile(`/proc/${pid}/maps`, 'utf8'))) {
    for (let at = from; at < to; at += step) {
      // a piece more, so that no text falls between two
      const buffer = Buffer.alloc(Math.min(step + overlap, to - at))
      // what was given back since the list was read cannot be read
      const read = await memory.read(buffer, 0, buffer.length, at).catch(() => undefined)
      if (read === undefined) continue
      for (const text of texts) if (buffer.includes(text, 0, 'latin1')) found.add(text)
    }
  }
  return [...found]
}

const step = 16 * 2 ** 20
const overlap = 4096

const writable = (maps: string): { from: number; to: number }[] =>
  maps.split('\n').flatMap((line) => {
    const [, from = '', to = ''] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? []
    return from === '' ? [] : [{ from: Number.parseInt(from, 16), to: Number.parseInt(to, 16) }]
  })
