import type { Files } from '@joinery/host/files'
import type { MachineChange } from '@joinery/protocol'
import { Value } from 'typebox/value'
import { paths } from '../../host/paths.ts'
import { ChangeRecord, describeChange, isSameChange, type PlannedChange } from './change-record.ts'

/** Number of changes that are kept. If something else changes a machine back and forth, the records must not fill its disk. */
const limit = 100

/** Longest record, in bytes. A longer one is not ours. */
const longest = 64 * 1024

interface Entry {
  path: string
  record: ChangeRecord | { problem: string }
}

/**
 * The changes in a folder of the agent, a file each, so that a second program that mends (`preflight --fix` beside
 * the agent) loses none. Every change is on the disk before it is made.
 */
export const changeJournal = (files: Files) => ({
  /** The records that can be read, the oldest first. */
  records: async (): Promise<ChangeRecord[]> =>
    (await entries(files)).flatMap(({ record }) => ('verb' in record ? [record] : [])),

  /**
   * Writes the record, before the change is made. The same change again takes its old place. Returns the function
   * that records the outcome.
   */
  begin: async (planned: PlannedChange): Promise<(outcome: ChangeRecord) => Promise<void>> => {
    const known = await entries(files)
    const again = known.find(({ record }) => 'verb' in record && isSameChange(record, bounded(planned)))
    const begun = text({ ...planned, state: 'begun' })
    if (again !== undefined) await files.write(again.path, begun, 0o600)
    const path = again?.path ?? (await createNext(files, numberOf(known.at(-1)?.path) + 1, begun))
    const kept = again === undefined ? limit - 1 : limit
    for (const { path } of known.slice(0, Math.max(0, known.length - kept))) await files.remove(path)
    return (outcome) => files.write(path, text(outcome), 0o600)
  }
})

/** The changes that this agent made on the machine so far, the oldest first. A record that is damaged says so in its place. */
export const changesMade = async (files: Files): Promise<MachineChange[]> =>
  (await entries(files)).map(({ path, record }) =>
    'verb' in record ? describeChange(record) : { check: '', what: `${path} is damaged: ${record.problem}` }
  )

const entries = async (files: Files): Promise<Entry[]> => {
  const names = (await files.list(paths.changes)).filter((name) => /^\d{6}\.json$/.test(name))
  return Promise.all(
    names.map(async (name) => {
      const path = `${paths.changes}/${name}`
      const record = await read(files, path).catch((error: Error) => ({ problem: error.message }))
      return { path, record }
    })
  )
}

const read = async (files: Files, path: string): Promise<ChangeRecord> => {
  const size = (await files.stat(path))?.size ?? 0
  if (size > longest) throw new Error(`it has ${size} bytes`)
  const record: unknown = JSON.parse((await files.read(path)) ?? '')
  if (!Value.Check(ChangeRecord, record)) throw new Error('it is no record of a change')
  return record
}

const createNext = async (files: Files, number: number, record: string): Promise<string> => {
  const path = `${paths.changes}/${String(number).padStart(6, '0')}.json`
  // somebody else has just taken the number
  return (await files.create(path, record, 0o600)) ? path : createNext(files, number + 1, record)
}

const numberOf = (path = ''): number => Number(/(\d{6})\.json$/.exec(path)?.[1] ?? 0)

const text = (record: ChangeRecord): string => JSON.stringify(bounded(record))

const bounded = <Change extends PlannedChange & { problem?: string }>(change: Change): Change => {
  const copy = { ...change }
  for (const key of ['before', 'after', 'problem'] as const) {
    if (copy[key] !== undefined) copy[key] = cut(copy[key])
  }
  return copy
}

const cut = (value: string): string => (value.length > 8000 ? `${value.slice(0, 8000)}…` : value)
