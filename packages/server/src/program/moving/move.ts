import { openMirror } from '../../adapters/sqlite/mirror/open-mirror.ts'
import { markDocument } from '../../adapters/sqlite/mirror/parts.ts'
import { sideBySide } from '../../core/base/side-by-side.ts'
import { StartRefusal } from '../../core/base/start-refusal.ts'
import { storeFileIn } from '../../core/ports/store/store-files.ts'
import type { LogParts, Seen } from '../../features/high-availability/feature.ts'
import { adoptLocal, takeOver } from '../../features/high-availability/feature.ts'

export interface Moving {
  /** State folder of this server, which does not run. */
  state: string
  log: LogParts
  print(line: string): void
}

/**
 * Writes what the file of this host has into the cluster, and lets the file follow that log. Throws `StartRefusal` if the cluster has a log
 * already. If it is cut before the end, either the cluster has no head, and it is done again, or the cluster has everything.
 */
export const moveToCluster = async ({ state, log, print }: Moving): Promise<void> => {
  const file = storeFileIn(state)
  const mirror = openMirror(file)
  try {
    if (mirror.known() !== undefined)
      throw new StartRefusal(`${file} follows a log of the cluster already`, 'joinery-server run')
    if ((await log.objects.head()) !== undefined) {
      throw new StartRefusal(
        'the cluster has a log already',
        `if a move from this host was cut, the cluster has everything: move ${file}, joinery.db-wal and joinery.db-shm away together`
      )
    }
    const documents = mirror.documents()
    const known = await adoptLocal({ ...log, documents })
    mirror.follow(known)
    print(`${documents.length} documents written to the cluster, and ${file} follows them`)
  } finally {
    mirror.close()
  }
}

/**
 * Brings everything of the log into the file of this host, ends the log in the cluster, and lets the file be a store of its own.
 * `endLog` deletes the head, which the server itself may not. If it is cut before that, it is done again. If it is cut after that, the file
 * has everything, and `isEnding` says so.
 */
export const moveToFile = async (
  { state, log, print }: Moving,
  { endLog, ending, seen }: { endLog: () => Promise<void>; ending: EndingMark; seen: Seen | undefined }
): Promise<void> => {
  const file = storeFileIn(state)
  const mirror = openMirror(file)
  let isClosed = false
  try {
    const known = mirror.known()
    if (known === undefined)
      throw new StartRefusal(`${file} follows no log`, 'nothing has to be moved: joinery-server run')
    if (!(await ending.is(known.log))) {
      const taken = await takeOver({
        ...log,
        known,
        seen,
        mark: markDocument,
        now: () => new Date(),
        deposed: (reason) => log.log.error({ reason }, 'another server took over')
      })
      const store = mirror.store(taken, {
        ended: (error) => {
          throw error
        },
        monotonic: log.clock.monotonic
      })
      store.close()
      isClosed = true
      await store.closed
      await taken.close()
      await ending.note(taken.log)
    }
    await endLog()
    await removeAll(log)
  } finally {
    if (!isClosed) mirror.close()
  }
  const own = openMirror(file)
  own.followNothing()
  own.close()
  await ending.forget()
  print(`${file} has everything, and is a store of its own`)
}

/** Deletes the documents of a log that has no head any more. Whatever stays is deleted by the next move into the cluster. */
const removeAll = async ({ objects, log: logger, budget }: LogParts): Promise<void> => {
  try {
    for await (const page of objects.documents()) {
      await sideBySide(page, budget.atOnce, async ({ name, version }) => {
        await objects.deleteDocument(name, version)
      })
    }
  } catch (error) {
    logger.warn({ err: error }, 'some documents of the log stay in the cluster')
  }
}

/** The mark on the disk that the file of this host has everything of a log, and that the log is about to end. */
export interface EndingMark {
  is(log: string): Promise<boolean>
  note(log: string): Promise<void>
  forget(): Promise<void>
}
