import { stat } from 'node:fs/promises'
import { compilePolicy, type Engine, type Policy, type ReadText, readPolicy } from '@joinery/policy'

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
    const found = await readPolicy(path, read)
    // nobody has the stamp of a file that was not known: the next look reads all of them again
    this.#stamp = found.files.join('\n') === this.#files.join('\n') ? stamp : undefined
    this.#files = found.files
    if (!('source' in found)) {
      if (found.isGone) await this.#replace(undefined)
      return this.#refuse(found.problems)
    }
    if (found.source.hash === this.#current?.policy.hash) return this.#accept(this.#current, this.#problems.length > 0)
    const engine = makeEngine()
    const compiled = await compilePolicy(path, found.source, engine)
    if ('policy' in compiled) return this.#accept({ policy: compiled.policy, engine }, true)
    await engine.close()
    return this.#refuse(compiled.problems)
  }

  async #accept(next: Current, isNews: boolean): Promise<News | undefined> {
    this.#problems = []
    await this.#replace(next)
    return isNews ? { loaded: next.policy } : undefined
  }

  #refuse(problems: readonly string[]): News | undefined {
    const isNews = problems.join('\n') !== this.#problems.join('\n')
    this.#problems = problems
    return isNews ? { refused: problems } : undefined
  }

  close(): Promise<void> {
    return this.#replace(undefined)
  }

  async #replace(next: Current | undefined): Promise<void> {
    const before = this.#current
    this.#current = next
    if (before?.engine !== next?.engine) await before?.engine.close()
  }
}

/** Stamp of some files: it is another one when one of them was written, replaced or deleted. */
const stampOf = async (files: readonly string[]): Promise<string> =>
  (await Promise.all(files.map(stampOfOne))).join('\n')

const stampOfOne = async (file: string): Promise<string> => {
  const seen = await stat(file, { bigint: true }).catch(() => undefined)
  return seen === undefined ? 'none' : [seen.dev, seen.ino, seen.size, seen.mode, seen.mtimeNs, seen.ctimeNs].join(' ')
}
