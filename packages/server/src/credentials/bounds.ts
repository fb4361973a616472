import { type CredentialKind, ProblemError } from '@joinery/protocol'
import { cached } from '../cached.ts'
import type { Clock } from '../clock.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { Logger } from '../log.ts'

interface Parts {
  cluster: Pick<Cluster, 'tokenPolicyGaps'>
  clock: Clock
  log: Logger
  /** As the server is set: to certificates it must be refused every Secret. */
  kind: CredentialKind
}

/** Many machines that claim at once share an answer; the next one is a new one, since somebody may have mended it. */
const lifetimes = { value: 0, failure: 0 }

/**
 * Whether the cluster holds this server within its bounds, so that tokens may be made at all. Asked at the start and at
 * each sweep; until it was proven, also at each claim of a token. What was proven stands until a later answer says otherwise.
 */
export class Bounds {
  readonly #log: Logger
  readonly #ask: () => Promise<string[]>
  /** Undefined: nobody has answered yet. */
  #gaps: readonly string[] | undefined

  constructor({ cluster, clock, log, kind }: Parts) {
    this.#log = log
    this.#ask = cached(() => cluster.tokenPolicyGaps(kind, clock.now()), clock, lifetimes)
  }

  /** Asks the cluster. Throws `cluster-unavailable` where it does not answer, and then knows what it knew before. */
  async look(): Promise<void> {
    const gaps = await this.#ask()
    const [before, now] = [this.#gaps?.join('\n'), gaps.join('\n')]
    this.#gaps = gaps
    if (now === before) return
    if (gaps.length > 0) this.#log.error({ gaps }, 'the cluster does not hold this server within its bounds')
    else this.#log.info('the cluster holds this server within its bounds')
  }

  /** Throws `cluster-unsafe` unless it is proven, and `cluster-unavailable` where that cannot be asked now. */
  async require(): Promise<void> {
    if (this.#gaps?.length !== 0) await this.look()
    const gaps = this.#gaps ?? []
    if (gaps.length === 0) return
    throw new ProblemError('cluster-unsafe', {
      detail: `the cluster does not hold this server within its bounds: ${gaps.join(', ')}`,
      remedy: 'joinery-server setup --kubeconfig /etc/kubernetes/admin.conf'
    })
  }
}
