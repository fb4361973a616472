import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, constants, copyFile, mkdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ProblemError } from '@joinery/protocol'
import type { Store } from './store/store.ts'

export interface AgentPackage {
  /** Lower-case hex. */
  sha256: string
  /** Bytes. */
  size: number
}

/**
 * The agent's .deb files, kept by their hash: user-data names one by hash, so it must stay the same file for as long as
 * a code names it, whatever an upgrade puts into place of the original.
 */
export class AgentPackages {
  readonly #store: Store
  readonly #folder: string
  readonly #source: string | undefined
  #keeping: Promise<AgentPackage> | undefined

  constructor(store: Store, folder: string, source: string | undefined) {
    this.#store = store
    this.#folder = folder
    this.#source = source
  }

  /** The package that new codes name; undefined where the configuration gives none. */
  async current(): Promise<AgentPackage | undefined> {
    if (this.#source === undefined) return undefined
    await this.check()
    // two that write one copy would spoil it
    this.#keeping ??= this.#keep(this.#source).finally(() => {
      this.#keeping = undefined
    })
    return this.#keeping
  }

  async #keep(source: string): Promise<AgentPackage> {
    const { size } = await stat(source)
    const sha256 = await hashOf(source)
    const kept = this.#path(sha256)
    if (!(await isFile(kept))) {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      await copyFile(source, `${kept}.new`)
      if ((await hashOf(`${kept}.new`)) !== sha256) throw new Error(`${source} changed while it was read`)
      await rename(`${kept}.new`, kept)
    }
    return { sha256, size }
  }

  /** Throws `agent-package-missing` where the configuration gives a file that cannot be read. */
  async check(): Promise<void> {
    if (this.#source === undefined) return
    await access(this.#source, constants.R_OK).catch((error: Error) => {
      throw new ProblemError(
        'agent-package-missing',
        { detail: `agentPackage ${this.#source}: ${error.message}`, remedy: 'correct it in /etc/joinery/server.yaml' },
        { cause: error }
      )
    })
  }

  /** The file, while a code names it. */
  async open(sha256: string): Promise<{ stream: Readable; size: number } | undefined> {
    const codes = await this.#store.codes()
    if (!codes.some((code) => code.package === sha256 && code.revoked === undefined)) return undefined
    const path = this.#path(sha256)
    return (await isFile(path)) ? { stream: createReadStream(path), size: (await stat(path)).size } : undefined
  }

  #path(sha256: string): string {
    return join(this.#folder, `${sha256}.deb`)
  }
}

const hashOf = async (file: string): Promise<string> => {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

const isFile = async (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false
  )
