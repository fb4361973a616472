import { openMirror } from '../../adapters/sqlite/mirror/open-mirror.ts'
import { markDocument } from '../../adapters/sqlite/mirror/parts.ts'
import type { KnownLog } from '../../core/ports/log/appender.ts'
import { openHead } from '../../core/ports/log/format.ts'
import { digestOf, digestText, partsOf } from '../../core/ports/log/log-keys.ts'
import { LogRefusal } from '../../core/ports/log/log-refusal.ts'
import { termsName } from '../../core/ports/log/terms.ts'
import { putAside } from '../../core/ports/store/lost-files.ts'
import { storeFileIn } from '../../core/ports/store/store-files.ts'
import type { HeadSight, LogParts } from '../../features/high-availability/feature.ts'
import {
  adoptCluster,
  adopted,
  adoptLocal,
  markName,
  newestOfHead,
  type Seen
} from '../../features/high-availability/feature.ts'

export interface Adopting {
  /** State folder of this server, which does not run. */
  state: string
  log: LogParts
  /** Memory of this host. */
  memory: Pick<HeadSight, 'seen' | 'took'>
  now: Date
  print(line: string): void
}

/** Makes what the cluster has the truth: etcd was restored. The file of this host is put aside, and made again from the cluster. */
export const adoptOfCluster = async ({ state, log, memory, now, print }: Adopting): Promise<void> => {
  const mirror = openMirror(storeFileIn(state))
  const known = mirror.known()
  mirror.close()
  const adopting = { ...log, known, seen: memory.seen, mark: markDocument, now: () => now }
  const { log: id, number, documents, differed, older, own, lost, isSettled } = await adoptCluster(adopting)
  const aside = await putAside(state, new Date(lost?.at ?? now))
  await memory.took(id, own)
  print(`the log in the cluster counts: ${documents} documents, batch ${number}`)
  if (differed) print('its documents were not those of its head: some were deleted, or put back')
  if (older.length > 0) print(`older there than in the file of this host: ${shortened(older)}`)
  print(isSettled ? wasSettled : willSettle)
  print(`${aside} has what this host knew; the server compares it when it is active here`)
}

const willSettle = 'open codes will be revoked, and approvals asked again, when a server is active'
const wasSettled = 'codes and approvals were settled after that restore already, and stay'

/** Documents that are named at most: after a restore there may be thousands. */
const named = 20

const shortened = (all: readonly string[]): string =>
  all.length <= named ? all.join(', ') : `${all.slice(0, named).join(', ')}, and ${all.length - named} more`

/**
 * Writes what the file of this host has into the cluster, as a new log: objects were lost there. Codes and approvals are settled, unless
 * the cluster ends with the last batch of this host: then nothing can have been given or taken since.
 */
export const adoptOfThisHost = async ({ state, log, memory, now, print }: Adopting): Promise<void> => {
  const mirror = openMirror(storeFileIn(state))
  try {
    const documents = mirror.documents()
    const isLast = await endsWith(log, { seen: memory.seen, known: mirror.known(), documents })
    const all = isLast
      ? documents
      : [...documents.filter(({ name }) => name !== markName), markDocument({ why: adopted })]
    const { hash, term, ...known } = await adoptLocal({ ...log, documents: all })
    mirror.follow(known)
    await memory.took(known.log, { number: known.number, hash, term, at: now.toISOString(), terms: [] })
    print(`the cluster has the log of this host: ${documents.length} documents, batch ${known.number}`)
    if (!isLast) print(willSettle)
  } finally {
    mirror.close()
  }
}

interface OwnFile {
  seen: Seen | undefined
  known: KnownLog | undefined
  documents: readonly { name: string; text: string }[]
}

/**
 * True if the head of the log opens, is the last batch of this host, and binds exactly what the file of this host has. The file may be an
 * older copy beside a memory that is not.
 */
const endsWith = async ({ objects, keys }: LogParts, { seen, known, documents }: OwnFile): Promise<boolean> => {
  try {
    const { head, keys: headKeys } = openHead(await objects.head(), keys)
    if (seen?.logs.find(({ log }) => log === head.log)?.own?.hash !== head.hash) return false
    const terms = await newestOfHead({ keys, readDocument: (name) => objects.readDocument(name) }, head, termsName)
    const own = documents.map(({ name, text }) => ({ name, text, number: known?.documents.get(name) ?? 0 }))
    const all = terms === undefined ? own : [...own, { name: termsName, ...terms }]
    return known?.log === head.log && digestText(digestOf(all, partsOf(headKeys, head.format))) === head.documents
  } catch (error) {
    if (error instanceof LogRefusal) return false
    throw error
  }
}
