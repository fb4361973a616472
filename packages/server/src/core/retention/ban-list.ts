import type { Logger } from '../base/log.ts'
import type { BannedNames } from '../ports/cluster/banned-names.ts'

interface Parts {
  cluster: Pick<BannedNames, 'bans'>
  log: Logger
}

/** Bytes that Kubernetes lets one ConfigMap hold. */
const limit = 1024 * 1024

/** Bytes from which on somebody must look. Past the limit no name can be banned any more, and no machine removed. */
const alarm = 0.8 * limit

/** Watches how full the ban list is. */
export class BanList {
  readonly #parts: Parts
  #bytes = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** One sentence with a command, if the last look found the list nearly full. */
  get remedies(): string[] {
    if (this.#bytes < alarm) return []
    return [
      `The list of banned names is ${Math.floor((100 * this.#bytes) / limit)} % full, and when it is full no machine can be removed; see which names are not needed any more: kubectl --namespace joinery-system get configmap joinery-banned --output yaml`
    ]
  }

  async look(): Promise<void> {
    const before = this.#bytes
    this.#bytes = sizeOf(await this.#parts.cluster.bans())
    if (before < alarm && this.#bytes >= alarm) {
      this.#parts.log.warn(
        { event: 'ban-list-nearly-full', bytes: this.#bytes },
        'the list of banned names is nearly full'
      )
    }
  }
}

const sizeOf = (bans: ReadonlyMap<string, string>): number => {
  let bytes = 0
  for (const [name, reason] of bans) bytes += Buffer.byteLength(name) + Buffer.byteLength(reason)
  return bytes
}
