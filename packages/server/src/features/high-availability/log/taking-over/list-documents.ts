import { shortTurns } from '../../../../core/base/short-turns.ts'
import { type HeadSpec, openDocument } from '../../../../core/ports/log/format.ts'
import type { StoredDocument } from '../../../../core/ports/log/log-objects.ts'
import { damaged, newer } from '../../../../core/ports/log/log-refusal.ts'
import type { LogParts } from '../log-parts.ts'
import { persist } from '../persist.ts'
import type { SeenDocument } from './merge.ts'

export interface ListedDocument extends SeenDocument {
  version: string
  /** Length of the packed text. */
  bytes: number
}

export interface Listed {
  /** Documents and graves of this log. */
  ours: ListedDocument[]
  /** Documents of another log, which nobody reads. */
  foreign: StoredDocument[]
  /** Documents and graves of `ours` that were not sealed with the newest key. */
  older: { name: string; number: number; packed: string }[]
}

/** Lists all documents of the cluster. It begins again if a page does not come. */
export const listAll = (parts: Omit<LogParts, 'keys' | 'holder' | 'random'>): Promise<StoredDocument[]> =>
  persist(async () => {
    const all: StoredDocument[] = []
    for await (const page of parts.objects.documents()) all.push(...page)
    return all
  }, parts)

/**
 * Lists the documents of the log that this head belongs to. Throws `LogRefusal`: `log-newer`, or `log-damaged` with the names of
 * those that no server with these keys wrote, or that are newer than the head.
 */
export const listDocuments = async (parts: LogParts, { log, number }: HeadSpec): Promise<Listed> => {
  const listed: Listed = { ours: [], foreign: [], older: [] }
  const [broken, ahead]: [string[], string[]] = [[], []]
  const all = await listAll(parts)
  const turn = shortTurns(parts.clock.monotonic)
  for (const stored of all) {
    await turn()
    const { name, version, spec } = stored
    const opened = openDocument(name, spec, log, parts.keys)
    if (opened.is === 'newer') throw newer(`document ${name}`, opened.format)
    if (opened.is === 'damaged') broken.push(name)
    else if (opened.is === 'foreign') listed.foreign.push(stored)
    else {
      if (opened.number > number) ahead.push(name)
      const { text } = opened
      listed.ours.push({ name, version, number: opened.number, text, bytes: spec.text.length })
      if (opened.keys !== parts.keys[0]) listed.older.push({ name, number: opened.number, packed: spec.text })
    }
  }
  if (broken.length > 0)
    throw damaged(`no server with the keys of this log wrote its ${documents(broken)} in the cluster`)
  if (ahead.length > 0)
    throw damaged(`the log in the cluster ends at batch ${number}, but its ${documents(ahead)} are newer`)
  if (listed.foreign.length > 0) {
    parts.log.warn({ count: listed.foreign.length }, 'documents of another log are in the cluster')
  }
  return listed
}

const documents = (names: readonly string[]): string =>
  `${names.length === 1 ? 'document' : 'documents'} ${names.slice(0, 5).join(', ')}${names.length > 5 ? ' and others' : ''}`
