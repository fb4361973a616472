import {
  type AuditFile,
  type AuditFileQuery,
  type AuditLogs,
  type AuditPage,
  type AuditQuery,
  auditPage,
  type PlacedLeaf,
  ProblemError,
  readLeaf,
  type Status
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { type Checkpoint, LogProblem, openLog, readCheckpoint } from '@joinery/tlog'
import type { AuditQueue } from '../../core/ports/store/audit-queue.ts'
import type { AuditFollower } from './audit-follower.ts'
import type { LogFolder } from './log-folder.ts'

interface Parts {
  queue: AuditQueue
  folder: LogFolder
  follower: Pick<AuditFollower, 'settle' | 'trouble' | 'verifierKey'>
}

/** The reads of operators in the audit logs. Each answer has everything that was durable when it was asked for, if the folder takes it. */
export class AuditService {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** All logs of this server, and the key that they are verified with. Throws `cluster-unavailable` before the first log. */
  async logs(): Promise<AuditLogs> {
    const { queue, folder, follower } = this.#parts
    await follower.settle()
    const items: AuditLogs['items'] = []
    for (const name of await folder.names()) {
      const checkpoint = await this.#checkpoint(name)
      if (checkpoint !== undefined) items.push({ name, ...checkpoint })
    }
    const waiting = await queue.countWaiting()
    return { key: await follower.verifierKey(), ...given({ trouble: follower.trouble }), waiting, items }
  }

  /** The log that leaves go into now, for those who only say how it is. Undefined before the first one. */
  async now(): Promise<Status['audit']> {
    const { queue, follower } = this.#parts
    const log = await queue.log()
    if (log === undefined) return undefined
    return {
      log: log.name,
      size: log.tree.size,
      waiting: await queue.countWaiting(),
      key: await follower.verifierKey(),
      ...given({ trouble: follower.trouble })
    }
  }

  /** The newest checkpoint of the log that leaves go into now, and the key of that log. Undefined before the first one. */
  async newest(): Promise<{ note: string; key: string } | undefined> {
    const { queue, folder, follower } = this.#parts
    const log = await queue.log()
    const note = log && (await folder.read(log.name, 'checkpoint'))
    if (log === undefined || note === undefined) return undefined
    return { note: Buffer.from(note).toString(), key: await follower.verifierKey(log.name) }
  }

  /** Leaves of a log. Throws `not-found`, and `store-damaged` if a file of the log is not as it was written. */
  async list({ log, from = '0', limit = `${auditPage}` }: AuditQuery): Promise<AuditPage> {
    const { folder, follower } = this.#parts
    await follower.settle()
    const name = log ?? (await this.#newestName())
    const checkpoint = name === undefined ? undefined : await this.#checkpoint(name)
    if (name === undefined || checkpoint === undefined) throw noLog(follower.trouble)
    const first = Number(from)
    const last = Math.min(checkpoint.size, first + Math.min(Number(limit), auditPage))
    const items: PlacedLeaf[] = []
    try {
      const opened = await openLog((path) => folder.read(name, path), checkpoint.head)
      for await (const { index, leaf } of opened.entries(first, last)) {
        const text = Buffer.from(leaf).toString()
        items.push({ log: name, index, ...given({ leaf: readLeaf(text) }), text })
      }
    } catch (error) {
      throw error instanceof LogProblem ? damaged(name, error.message) : error
    }
    return { log: name, size: checkpoint.size, items }
  }

  /** One file of a log, as it is. Throws `not-found`. */
  async file({ log, path = 'checkpoint' }: AuditFileQuery): Promise<AuditFile> {
    const { folder, follower } = this.#parts
    if (path === 'checkpoint') await follower.settle()
    const name = log ?? (await this.#newestName())
    const content = name === undefined ? undefined : await folder.read(name, path)
    if (name === undefined) throw noLog(follower.trouble)
    if (content === undefined) throw new ProblemError('not-found', { detail: `the audit log ${name} has no ${path}` })
    return { content: Buffer.from(content).toString('base64') }
  }

  async #newestName(): Promise<string | undefined> {
    const { queue, folder } = this.#parts
    return (await queue.log())?.name ?? (await folder.names()).at(-1)
  }

  /** The newest checkpoint of a log. Undefined if the log has none yet, or none that can be read: the reader's key judges it. */
  async #checkpoint(name: string): Promise<{ size: number; checkpoint: string; head: Checkpoint } | undefined> {
    const note = (await this.#parts.folder.read(name, 'checkpoint'))?.toString()
    if (note === undefined) return undefined
    try {
      const head = readCheckpoint(note.slice(0, note.lastIndexOf('\n\n') + 1))
      return { size: head.size, checkpoint: note, head }
    } catch (error) {
      if (error instanceof LogProblem) return undefined
      throw error
    }
  }
}

const noLog = (trouble: string | undefined): ProblemError =>
  new ProblemError('not-found', {
    detail: trouble === undefined ? 'there is no such audit log' : `the audit log is not written yet: ${trouble}`,
    remedy: 'see which logs there are: joinery audit logs'
  })

const damaged = (log: string, detail: string): ProblemError =>
  new ProblemError('store-damaged', {
    detail: `the audit log ${log}: ${detail}`,
    remedy: 'joinery audit verify says all that is wrong with it'
  })

/** One sentence with a command if leaves of the audit log wait. */
export const auditRemedies = (audit: Status['audit']): string[] =>
  audit?.trouble === undefined
    ? []
    : [
        `The audit log is not written, and ${audit.waiting} leaves wait in the store (${audit.trouble}); see: journalctl --unit joinery-server`
      ]
