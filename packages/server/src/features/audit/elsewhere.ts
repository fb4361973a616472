import { LogProblem, openCheckpoint, readVerifierKey } from '@joinery/tlog'
import type { InjectionToken } from 'tsyringe'
import { readIfThere, writeDurably } from '../../core/base/files.ts'
import type { Logger } from '../../core/base/log.ts'
import { Nap } from '../../core/base/nap.ts'
import type { CheckpointTarget } from '../../core/config/audit-config.ts'

/** Runs a program without a shell. */
export type RunProgram = (program: string, words: readonly string[]) => Promise<unknown>
export const RunProgram = Symbol('RunProgram') as InjectionToken<RunProgram>

interface Parts {
  targets: readonly CheckpointTarget[]
  /** The newest checkpoint, and the public key of its log. Undefined before the first one. */
  newest: () => Promise<{ note: string; key: string } | undefined>
  run: RunProgram
  log: Logger
  /** Milliseconds between two checkpoints. */
  every: number
}

/**
 * Gives checkpoints to where the administrator wants them, so that a tail that is cut later is seen. Each place gets the newest one
 * at most once in a while, and a place that did not take it gets the next. A file that has a later checkpoint of the log is left as
 * it is: it knows more than this server.
 */
export class Elsewhere {
  readonly #parts: Parts
  readonly #given = new Map<CheckpointTarget, string>()
  readonly #troubles = new Map<CheckpointTarget, string>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** One sentence for each place that did not take the newest checkpoint. */
  get remedies(): string[] {
    return [...this.#troubles.values()]
  }

  /** Gives checkpoints away until `signal`. */
  async start(signal: AbortSignal): Promise<void> {
    const { targets, every } = this.#parts
    while (!signal.aborted && targets.length > 0) {
      await this.give()
      await new Nap().sleep(every, signal)
    }
  }

  /** Gives the newest checkpoint to each place that does not have it. */
  async give(): Promise<void> {
    const { targets, newest, log } = this.#parts
    const now = await newest().catch(() => undefined)
    if (now === undefined) return
    for (const target of targets) {
      if (this.#given.get(target) === now.note) continue
      try {
        await this.#giveTo(target, now)
        this.#given.set(target, now.note)
        this.#troubles.delete(target)
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        const said = `The checkpoint of the audit log did not go to ${nameOf(target)}: ${reason}; see audit.checkpoints in server.yaml`
        if (this.#troubles.get(target) !== said)
          log.warn({ target: nameOf(target), reason }, 'a checkpoint was not taken')
        this.#troubles.set(target, said)
      }
    }
  }

  async #giveTo(target: CheckpointTarget, { note, key }: { note: string; key: string }): Promise<void> {
    if (target.file === undefined) {
      const line = JSON.stringify(note)
      await this.#parts.run('logger', [
        '--tag',
        'joinery-audit',
        '--priority',
        'auth.notice',
        '--',
        `checkpoint ${line}`
      ])
      return
    }
    const there = sizeOf((await readIfThere(target.file))?.toString(), key)
    const own = sizeOf(note, key)
    if (there !== undefined && own !== undefined && there > own) {
      throw new Error(
        `it has a checkpoint of ${there} leaves, and the log has ${own}: the log was cut, or its store is an older one`
      )
    }
    await writeDurably(target.file, note, 0o644)
  }
}

const nameOf = (target: CheckpointTarget): string => target.file ?? 'syslog'

/** Number of leaves by a checkpoint of the log with this key. Undefined for any other text. */
const sizeOf = (note: string | undefined, key: string): number | undefined => {
  if (note === undefined) return undefined
  try {
    return openCheckpoint(note, readVerifierKey(key)).size
  } catch (error) {
    if (error instanceof LogProblem) return undefined
    throw error
  }
}
