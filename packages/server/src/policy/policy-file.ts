import { stat } from 'node:fs/promises'
import { type Engine, loadPolicy, type Policy, type ReadText } from '@joinery/policy'

interface Parts {
  path: string
  makeEngine: () => Engine
  read: ReadText
}

/** A policy with the engine that has compiled its rules. */
export interface Current {
  policy: Policy
  engine: Engine
}

/** News about the file since the last look. */
export type News = { loaded: Policy } | { refused: readonly string[] }

/**
 * The policy in a file, read again when the file or one of its inventories has changed. A file that is wrong changes nothing. One
 * that is gone ends the policy: whoever deletes it wants no machine to come in by it.
 */
export class PolicyFile {
  readonly #parts: Parts
  #current: Current | undefined
  /** Files of the last look, and their stamp from before they were read. */
  #files: readonly string[]
  #stamp: string | undefined
  #problems: readonly string[] = []

  constructor(parts: Parts) {
    this.#parts = parts
    this.#files = [parts.path]
  }

  /** The last policy that was right. Undefined if there was none, or the file is gone. */
  get current(): Current | undefined {
    return this.#current
  }

  get path(): string {
    return this.#parts.path
  }

  /** Reasons why the file of the last look is wrong. Empty if it is right. */
  get problems(): readonly string[] {
    return this.#problems
  }

  /** Looks whether the file has changed, and reads it again if so. What changes while it is read is found by the next look. */
  async look(): Promise<News | undefined> {
    const stamp = await stampOf(this.#files)
    if (stamp === this.#stamp) return undefined
    const { path, makeEngine, read } = this.#parts
    const engine = makeEngine()
    const loaded = await loadPolicy(path, engine, read)
    // nobody has the stamp of a file that was not known: the next look reads all of them again
    this.#stamp = loaded.files.join('\n') === this.#files.join('\n') ? stamp : undefined
    this.#files = loaded.files
    if ('policy' in loaded) {
      const isNews = this.#problems.length > 0 || this.#current?.policy.hash !== loaded.policy.hash
      this.#problems = []
      await this.#replace({ policy: loaded.policy, engine })
      return isNews ? { loaded: loaded.policy } : undefined
    }
    await engine.close()
    if (loaded.isGone) await this.#replace(undefined)
    const isNews = loaded.problems.join('\n') !== this.#problems.join('\n')
    this.#problems = loaded.problems
    return isNews ? { refused: loaded.problems } : undefined
  }

  close(): Promise<void> {
    return this.#replace(undefined)
  }

  async #replace(next: Current | undefined): Promise<void> {
    const before = this.#current
    this.#current = next
    await before?.engine.close()
  }
}

/** Stamp of some files: it is another one when one of them was written, replaced or deleted. */
const stampOf = async (files: readonly string[]): Promise<string> =>
  (await Promise.all(files.map(stampOfOne))).join('\n')

const stampOfOne = async (file: string): Promise<string> => {
  const seen = await stat(file, { bigint: true }).catch(() => undefined)
  return seen === undefined ? 'none' : [seen.dev, seen.ino, seen.size, seen.mode, seen.mtimeNs, seen.ctimeNs].join(' ')
}
