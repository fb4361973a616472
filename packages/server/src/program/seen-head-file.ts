import { join } from 'node:path'
import Type from 'typebox'
import { Value } from 'typebox/value'
import { readIfThere, writeDurably } from '../core/base/files.ts'
import type { Seen, SeenHeadFile } from '../features/high-availability/feature.ts'

/** File in the state folder for what this host remembers of its logs. */
export const seenHeadFile = (state: string): SeenHeadFile => {
  const file = join(state, 'head-seen')
  return {
    read: async () => parsed((await readIfThere(file))?.toString()),
    write: (seen) => writeDurably(file, `${JSON.stringify(seen)}\n`)
  }
}

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

const Batch = Type.Object({
  number: Count,
  hash: Type.String(),
  term: Count,
  at: Type.String(),
  terms: Type.Array(Type.Tuple([Count, Count]))
})

const Memory = Type.Object({
  logs: Type.Array(
    Type.Object({ log: Type.String(), number: Count, own: Type.Optional(Batch), sight: Type.Optional(Batch) })
  ),
  isFresh: Type.Optional(Type.Boolean()),
  took: Type.Optional(Type.String())
})

/** Memory as a server of before wrote it: the last end of its log alone. */
const Older = Type.Object({ log: Type.String(), number: Count }, { additionalProperties: false })

/** A file that is damaged says nothing: writes are whole, so somebody else wrote it. */
const parsed = (text: string | undefined): Seen | undefined => {
  try {
    const read: unknown = JSON.parse(text ?? '')
    if (Value.Check(Memory, read)) return read as Seen
    return Value.Check(Older, read) ? { logs: [read] } : undefined
  } catch {
    return undefined
  }
}
