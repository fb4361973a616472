import { type Policy, policies } from '@joinery/kube/names'
import { ProblemError } from '@joinery/protocol'
import { cached } from '../base/cached.ts'
import type { Clock, Monotonic } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { sideBySide } from '../base/side-by-side.ts'
import type { Cluster, ServerRights } from '../cluster/cluster.ts'
import { askClusterTime } from '../cluster/cluster-clock.ts'
import { boundOf } from './policy-words.ts'

interface Parts {
  cluster: Pick<Cluster, 'policyGaps' | 'now' | 'version'>
  clock: Clock
  monotonic: Monotonic
  log: Logger
  /** As the server is set. */
  rights: ServerRights
}

/** Many machines that claim at once share an answer; the next one is a new one, since somebody may have mended it. */
const lifetimes = { value: 0, failure: 0 }

/** Policies that are asked about at a time: each is at most six requests. */
const atOnce = 5

/**
 * Whether the cluster holds this server, those who join and those who were removed within their bounds. Asked at the start and
 * at each sweep; until a policy was proven, also whenever something that rests on it is to be done. What was proven stands until
 * a later answer says otherwise, and what is missing stops just what rests on it.
 */
export class Bounds {
  readonly #log: Logger
  readonly #ask: ReadonlyMap<Policy, () => Promise<string[]>>
  /** Without a policy: nobody has answered yet. */
  readonly #gaps = new Map<Policy, readonly string[]>()

  constructor({ cluster, clock, monotonic, log, rights }: Parts) {
    this.#log = log
    this.#ask = new Map(
      policies.map((policy) => [
        policy,
        cached(
          async () => cluster.policyGaps(policy, rights, await askClusterTime(cluster, clock)),
          monotonic,
          lifetimes
        )
      ])
    )
  }

  /** Asks the cluster. Throws `cluster-unavailable` where it does not answer, and then knows of that policy what it knew before. */
  async look(): Promise<void> {
    const failures: unknown[] = []
    // one that cannot be asked for must not hide what another one lacks
    await sideBySide(policies, atOnce, (policy) => this.#look(policy).catch((error) => void failures.push(error)))
    if (failures.length > 0) throw failures[0]
  }

  /** Throws `cluster-unsafe` unless these are proven, and `cluster-unavailable` where that cannot be asked now. */
  async require(...required: readonly Policy[]): Promise<void> {
    await Promise.all(required.filter((policy) => this.#gaps.get(policy)?.length !== 0).map((one) => this.#look(one)))
    const [problem] = this.#problemsOf(required)
    if (problem !== undefined) throw problem
  }

  /** What was missing when it was last asked, a `cluster-unsafe` for each policy. */
  get problems(): ProblemError[] {
    return this.#problemsOf(policies)
  }

  async #look(policy: Policy): Promise<void> {
    const gaps = (await this.#ask.get(policy)?.()) ?? []
    const [before, now] = [this.#gaps.get(policy)?.join('\n'), gaps.join('\n')]
    this.#gaps.set(policy, gaps)
    if (now === before) return
    if (gaps.length > 0) this.#log.error({ policy, gaps }, boundOf(policy).missing)
    else if (before !== undefined) this.#log.info({ policy }, 'the policy holds again')
  }

  #problemsOf(some: readonly Policy[]): ProblemError[] {
    return some.flatMap((policy) => {
      const gaps = this.#gaps.get(policy) ?? []
      if (gaps.length === 0) return []
      const { missing, stops } = boundOf(policy)
      return new ProblemError('cluster-unsafe', {
        detail: `${missing}: ${gaps.join(', ')}${stops === undefined ? '' : `, and so ${stops}`}`,
        remedy: 'joinery-server setup --kubeconfig /etc/kubernetes/admin.conf'
      })
    })
  }
}
