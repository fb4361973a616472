import { createHash, type KeyObject, X509Certificate } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ProblemError } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import {
  base64Of,
  LogProblem,
  openCheckpoint,
  readVerifierKey,
  rootOfTree,
  signCheckpoint,
  verifierKey
} from '@joinery/tlog'
import type { Budgets } from '../../core/base/budgets.ts'
import type { Clock } from '../../core/base/clock.ts'
import { InTurn } from '../../core/base/in-turn.ts'
import type { Logger } from '../../core/base/log.ts'
import { Nap } from '../../core/base/nap.ts'
import type { Commits } from '../../core/commit/commits.ts'
import { entry } from '../../core/enrolment/decision/decision.ts'
import { serverIdOf } from '../../core/keys/audit-key.ts'
import type { ClusterSettings } from '../../core/ports/cluster/cluster-settings.ts'
import type { AuditLogDocument, AuditQueue } from '../../core/ports/store/audit-queue.ts'
import type { Change } from '../../core/ports/store/change.ts'
import { storeSubject } from '../../core/ports/store/timeline.ts'
import { decideLog, type LogStep, originOf, type Published } from './decide-log.ts'
import type { LogFolder } from './log-folder.ts'

interface FollowerParts {
  queue: AuditQueue
  commits: Pick<Commits, 'append'>
  folder: LogFolder
  /** Private key that signs the checkpoints. */
  key: KeyObject
  /** Id of the cluster. Throws `cluster-unavailable`. */
  cluster: () => Promise<string>
  clock: Clock
  log: Logger
  budget: Budgets['audit']
  /** Address of this server, if it is one of several: their store is in the cluster. */
  server?: string
}

/**
 * Brings the leaves of the store into the folder of the audit log. It looks at store and folder anew for each step, so a crash, or a
 * folder that was away, costs nothing but time: what is durable in the store comes into the folder sooner or later, and once.
 */
export class AuditFollower {
  readonly #parts: FollowerParts
  readonly #nap = new Nap()
  readonly #turns = new InTurn()
  #trouble: string | undefined

  constructor(parts: FollowerParts) {
    this.#parts = parts
  }

  /** Reason why the folder cannot be written now. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /** Says that there are new leaves. */
  nudge(): void {
    this.#nap.wake()
  }

  /** Follows until `signal`. Resolves when no step is under way any more. */
  async start(signal: AbortSignal): Promise<void> {
    const { budget, server } = this.#parts
    const gather = server === undefined ? budget.gather : budget.gatherInCluster
    while (!signal.aborted) {
      // many leaves come together, and the edge of the log is written once for them
      await setTimeout(gather, undefined, { signal, ref: false }).catch(() => undefined)
      if (signal.aborted) return
      const well = await this.#settle(signal)
      await this.#nap.sleep(well ? budget.idle : budget.again, signal)
    }
  }

  /** Brings everything that is durable by now into the folder. Returns whether it could: `trouble` says why not. */
  settle(): Promise<boolean> {
    return this.#settle()
  }

  #settle(signal?: AbortSignal): Promise<boolean> {
    return this.#turns.do('folder', async () => {
      try {
        // what comes meanwhile waits for the next time, or a busy server would write the edge of the log again and again
        let left = await this.#parts.queue.countWaiting()
        while (!signal?.aborted) {
          const taken = await this.#step()
          if (taken === undefined) break
          left -= taken
          if (taken > 0 && left <= 0) break
        }
        this.#trouble = undefined
        return true
      } catch (error) {
        this.#say(error)
        return false
      }
    })
  }

  /** The public key that all logs of this server are verified with, under the name of their common origin, or of one log. */
  async verifierKey(name?: string): Promise<string> {
    const origin = await this.#origin(await this.#parts.queue.log())
    return verifierKey(name === undefined ? origin : `${origin}/${name}`, this.#parts.key)
  }

  /** Does the next step. Returns the number of waiting leaves that it took. Undefined if there was no step. */
  async #step(): Promise<number | undefined> {
    const { queue, folder, clock, budget, server } = this.#parts
    const log = await queue.log()
    const origin = await this.#origin(log)
    const [waiting, names] = await Promise.all([queue.waiting(budget.batch), folder.names()])
    const newest = names.at(-1)
    const step = decideLog({
      log,
      waiting,
      names,
      origin,
      ...given({ server }),
      now: clock.now(),
      published: log && (await this.#published(origin, log.name)),
      newest: newest === undefined ? undefined : { name: newest, published: await this.#published(origin, newest) }
    })
    if (step.do === 'nothing') return undefined
    if (step.do === 'note') await this.#note(step)
    else if (log !== undefined && (await this.#append(step, log)) && step.through !== undefined) {
      return waiting.findIndex(({ sequence }) => sequence === step.through) + 1
    }
    return 0
  }

  async #note({ log, alert }: Extract<LogStep, { do: 'note' }>): Promise<void> {
    const { clock, log: logger } = this.#parts
    if (alert === undefined) return void (await this.#commit({ audit: { log } }))
    const { event, detail } = alert
    await this.#commit({
      audit: { log },
      entries: [{ subject: storeSubject, entry: entry(clock.now(), 'server', event, detail, true) }]
    })
    logger.warn({ event }, detail)
  }

  /**
   * Tiles first, then the checkpoint that vouches for them, then the store: whatever is cut, the folder has what it says. False if
   * somebody else wrote the log meanwhile.
   */
  async #append(
    { appended, log, through }: Extract<LogStep, { do: 'append' }>,
    at: AuditLogDocument
  ): Promise<boolean> {
    const { folder, key } = this.#parts
    const { tree, writes, stale } = appended
    for (const { path, bytes } of writes) await folder.write(at.name, path, bytes)
    const checkpoint = { origin: originOf(at), size: tree.size, root: rootOfTree(tree), extensions: [] }
    await folder.write(at.name, 'checkpoint', signCheckpoint(key, checkpoint))
    const isDone = await this.#commit({ audit: { log, ...given({ through }) } })
    for (const path of stale) await folder.remove(at.name, path)
    for (const { path } of writes) await this.#removeOlder(at.name, path)
    return isDone
  }

  /** Removes partial tiles that a wider one replaces, but for the last ones: somebody may read them now. */
  async #removeOlder(log: string, path: string): Promise<void> {
    const { folder } = this.#parts
    if (!path.includes('.p/')) return
    const widths = await folder.list(log, dirname(path))
    const older = widths.map(Number).filter((width) => width < Number(basename(path)))
    older.sort((one, other) => other - one)
    for (const width of older.slice(partialsKept)) await folder.remove(log, join(dirname(path), String(width)))
  }

  /** True if the change is durable. False if somebody else wrote the log meanwhile: then it is read again. */
  async #commit(change: Change): Promise<boolean> {
    const result = await this.#parts.commits.append(change)
    if (result !== 'committed' && result !== 'stale') throw new Error(`the store refused the audit log: ${result}`)
    return result === 'committed'
  }

  /** Origin of the logs from now on. The cluster is asked once: a log keeps its name if the CA of the cluster is another one later. */
  async #origin(log: AuditLogDocument | undefined): Promise<string> {
    const { key, cluster } = this.#parts
    return `joinery.dev/${log?.origin.split('/')[1] ?? (await cluster())}/${serverIdOf(key)}`
  }

  /** The checkpoint in the folder of a log. Undefined if there is none, or none that this server signed for this log. */
  async #published(origin: string, name: string): Promise<Published | undefined> {
    const { folder, key } = this.#parts
    const note = await folder.read(name, 'checkpoint')
    if (note === undefined) return undefined
    try {
      const { size, root } = openCheckpoint(note, readVerifierKey(verifierKey(`${origin}/${name}`, key)))
      return { size, root: base64Of(root) }
    } catch (error) {
      if (error instanceof LogProblem) return undefined
      throw error
    }
  }

  /** Logs trouble when it begins, and each other trouble after that. */
  #say(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    if (reason !== this.#trouble) {
      const said = error instanceof ProblemError ? { reason } : { err: error }
      this.#parts.log.warn(said, 'leaves of the audit log wait in the store; the server tries again')
    }
    this.#trouble = reason
  }
}

/** Partial tiles of one place that stay beside the newest. */
const partialsKept = 4

/**
 * Id of the cluster in the origin of logs: the beginning of a hash of its CA. The server needs no right for it, which the uid of a
 * namespace would take. Throws `cluster-unavailable`.
 */
export const clusterIdOf = async (cluster: Pick<ClusterSettings, 'endpoint'>): Promise<string> => {
  const { certificateAuthority } = await cluster.endpoint()
  const { raw } = new X509Certificate(certificateAuthority)
  return createHash('sha256').update(raw).digest('hex').slice(0, 16)
}
