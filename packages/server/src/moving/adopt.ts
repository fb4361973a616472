import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { adoptCluster, adoptLocal } from '../log/adopt.ts'
import type { SeenHeadFile } from '../log/head-sight.ts'
import type { LogParts } from '../log/log-parts.ts'
import { openMirror } from '../store/sqlite/mirror/open-mirror.ts'
import { storeFileIn, storeFilesIn } from '../store/store-files.ts'

export interface Adopting {
  /** State folder of this server, which does not run. */
  state: string
  log: LogParts
  /** The last end of a log that this host saw while it stood by. */
  seen: SeenHeadFile & { forget(): Promise<void> }
  now: Date
  print(line: string): void
}

/** Makes what the cluster has the truth: etcd was restored. The file of this host is put aside, and made again from the cluster. */
export const adoptOfCluster = async ({ state, log, seen, now, print }: Adopting): Promise<void> => {
  const file = storeFileIn(state)
  const mirror = openMirror(file)
  const known = mirror.known()
  mirror.close()
  const { number, documents, differed, older } = await adoptCluster({ ...log, known, seen: await seen.read() })
  await seen.forget()
  const aside = `before-adopt-${now.toISOString().replaceAll(':', '')}`
  for (const from of storeFilesIn(state)) if (existsSync(from)) await rename(from, `${from}.${aside}`)
  print(`the log in the cluster counts: ${documents} documents, batch ${number}`)
  if (differed) print('its documents were not those of its head: some were deleted, or put back')
  if (older.length > 0) print(`older there than in the file of this host: ${shortened(older)}`)
  print(`${file}.${aside} has what this host knew`)
}

/** Documents that are named at most: after a restore there may be thousands. */
const named = 20

const shortened = (all: readonly string[]): string =>
  all.length <= named ? all.join(', ') : `${all.slice(0, named).join(', ')}, and ${all.length - named} more`

/** Writes what the file of this host has into the cluster, as a new log: objects were lost there. */
export const adoptOfThisHost = async ({ state, log, seen, print }: Adopting): Promise<void> => {
  const mirror = openMirror(storeFileIn(state))
  try {
    const documents = mirror.documents()
    const known = await adoptLocal({ ...log, documents })
    mirror.follow(known)
    await seen.forget()
    print(`the cluster has the log of this host: ${documents.length} documents, batch ${known.number}`)
  } finally {
    mirror.close()
  }
}
