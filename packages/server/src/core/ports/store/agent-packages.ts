import { createHash } from 'node:crypto'
import { createReadStream, type ReadStream } from 'node:fs'
import { access, constants, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ProblemError } from '@joinery/protocol'
import { makeFolder, writeDurably } from '../../base/files.ts'
import { diskFull } from './disk-full.ts'

export interface AgentPackage {
  /** Lower-case hex. */
  sha256: string
  /** Bytes. */
  size: number
}

/** NamedPackages says which packages codes name. It throws as the store does. */
export interface NamedPackages {
  /**
   * True if a code that was not revoked names the package with this SHA-256. With `since`, a code that expired before then does
   * not count. The cost is the same however many codes there are.
   */
  namesPackage(sha256: string, since?: Date): Promise<boolean>
}

interface Look {
  size: number
  whole: Promise<boolean>
}

/**
 * The agent's .deb files, kept by their hash. User-data names a file by its hash. So the file must stay the same for as long as
 * a code names it, whatever an upgrade puts in the place of the original.
 */
export class AgentPackages {
  readonly #store: NamedPackages
  readonly #folder: string
  readonly #source: string | undefined
  /** Kept files by hash. Each is hashed once, however many machines come for it. After that its size must stay. */
  readonly #looks = new Map<string, Look>()
  readonly #copies = new Map<string, Promise<number>>()
  /** The configured file as it was hashed last: to hash it takes a tenth of a second, and codes are made by the hundred. */
  #hashed: { file: string; sha256: Promise<string> } | undefined

  constructor(store: NamedPackages, folder: string, source: string | undefined) {
    this.#store = store
    this.#folder = folder
    this.#source = source
  }

  /** The package that new codes name. Undefined if the configuration gives none. */
  async current(): Promise<AgentPackage | undefined> {
    if (this.#source === undefined) return undefined
    await this.check()
    const sha256 = await this.#hashOfSource(this.#source)
    return { sha256, size: (await this.#kept(sha256)) ?? (await this.#keep(sha256, this.#source)) }
  }

  /** Throws `agent-package-missing` if the configuration gives a file that cannot be read. */
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

  /**
   * The file, while a code names it. Throws `agent-package-missing` if it is damaged and the configuration gives another one.
   */
  async open(sha256: string): Promise<{ stream: ReadStream; size: number } | undefined> {
    if (!(await this.#store.namesPackage(sha256))) return undefined
    const size = (await this.#kept(sha256)) ?? (await this.#again(sha256))
    return { stream: createReadStream(this.#path(sha256)), size }
  }

  /** Deletes each kept file, unless a code that a machine could use since then names it. The package of new codes stays. */
  async prune(since: Date): Promise<void> {
    for (const sha256 of await this.#keptOnes()) {
      if (await this.#store.namesPackage(sha256, since)) continue
      const { mtime } = await stat(this.#path(sha256))
      // a file that was copied lately is for a code that is about to be made
      if (mtime >= since || sha256 === (await this.#currentHash())) continue
      await rm(this.#path(sha256))
      this.#looks.delete(sha256)
    }
  }

  async #keptOnes(): Promise<string[]> {
    const names = await readdir(this.#folder).catch(() => [])
    return names.flatMap((name) => /^([0-9a-f]{64})\.deb$/.exec(name)?.[1] ?? [])
  }

  async #currentHash(): Promise<string | undefined> {
    return this.#source === undefined ? undefined : this.#hashOfSource(this.#source).catch(() => undefined)
  }

  /** Hash of the configured file. It is hashed again if it is another file, or was written since. */
  async #hashOfSource(source: string): Promise<string> {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(source, { bigint: true })
    const file = [dev, ino, size, mtimeNs, ctimeNs].join(' ')
    if (this.#hashed?.file === file) return this.#hashed.sha256
    const sha256 = hashOf(source)
    this.#hashed = { file, sha256 }
    sha256.catch(() => {
      this.#hashed = undefined
    })
    return sha256
  }

  /** Size of the kept file. Undefined if its hash is not what its name says. */
  async #kept(sha256: string): Promise<number | undefined> {
    const size = await sizeOf(this.#path(sha256))
    if (size === undefined) return undefined
    const look = this.#looks.get(sha256)
    const { whole } = look?.size === size ? look : this.#look(sha256, size)
    return (await whole) ? size : undefined
  }

  #look(sha256: string, size: number): Look {
    const whole = hashOf(this.#path(sha256)).then((found) => found === sha256)
    const look = { size, whole }
    this.#looks.set(sha256, look)
    whole.catch(() => this.#looks.delete(sha256))
    return look
  }

  async #again(sha256: string): Promise<number> {
    const current = await this.current()
    if (current?.sha256 === sha256) return current.size
    throw new ProblemError('agent-package-missing', {
      detail: `the kept package ${sha256} is damaged or gone, and another package is configured`,
      remedy: 'make a new code for each machine that waits for it: joinery code create'
    })
  }

  /**
   * Copies the package into the folder, one copy at a time. The file that is written aside has one name, so the next copy
   * overwrites what a crash left.
   */
  #keep(sha256: string, source: string): Promise<number> {
    const copy = this.#copies.get(sha256) ?? this.#copy(sha256, source).finally(() => this.#copies.delete(sha256))
    this.#copies.set(sha256, copy)
    return copy
  }

  async #copy(sha256: string, source: string): Promise<number> {
    await makeFolder(this.#folder, 0o700)
    const path = this.#path(sha256)
    await writeDurably(path, contentOf(source, sha256)).catch((error) => {
      throw isDiskFull(error) ? diskFull(error) : error
    })
    const { size } = await stat(path)
    this.#looks.set(sha256, { size, whole: Promise.resolve(true) })
    return size
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

/** The bytes of the file. Fails at their end if their hash is another one. */
const contentOf = async function* (file: string, sha256: string): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) {
    hash.update(chunk)
    yield chunk
  }
  if (hash.digest('hex') !== sha256) throw new Error(`${file} changed while it was read`)
}

const isDiskFull = (error: Error): boolean => 'code' in error && error.code === 'ENOSPC'

/** Size in bytes. Undefined if there is no such file. */
const sizeOf = async (path: string): Promise<number | undefined> =>
  stat(path).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined
  )
