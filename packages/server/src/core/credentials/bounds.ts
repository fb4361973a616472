import { setupRemedy } from '@joinery/kube'
import { type Policy, policies } from '@joinery/kube/names'
import { ProblemError } from '@joinery/protocol'
import { sharedAtOnce } from '../base/cached.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { sideBySide } from '../base/side-by-side.ts'
import type { AccessChecks, ServerRights } from '../ports/cluster/access-checks.ts'
import type { ApiSight } from '../ports/cluster/api-sight.ts'
import { askClusterTime } from '../ports/cluster/cluster-clock.ts'
import { boundOf } from './policy-words.ts'

interface Parts {
  cluster: Pick<AccessChecks, 'policyGaps'> & Pick<ApiSight, 'now' | 'version'>
  clock: Clock
  log: Logger
  /** Rights of the server, as its configuration sets them. */
  rights: ServerRights
}

/** Policies that are asked about at a time. Each takes at most six requests. */
const atOnce = 5

/**
 * Knows whether the cluster holds three parties within their bounds: this server, the machines that join, and those that were
 * removed. Asks at the start and at each sweep. Until a policy was proven, it also asks before each act that rests on the
 * policy. A proof stands until a later answer says otherwise. A missing policy stops only what rests on it.
 */
export class Bounds {
  readonly #log: Logger
  readonly #ask: (policy: Policy) => Promise<string[]>
  /** Gaps of each policy, a line each. A policy is absent until the cluster has answered. */
  readonly #gaps = new Map<Policy, readonly string[]>()

  constructor({ cluster, clock, log, rights }: Parts) {
    this.#log = log
    // the next claim asks again: somebody may have fixed the policy
    this.#ask = sharedAtOnce(async (policy: Policy) =>
      cluster.policyGaps(policy, rights, await askClusterTime(cluster, clock))
    )
  }

  /**
   * Asks the cluster about each policy. Throws `cluster-unavailable` if it does not answer, and then what was known of that
   * policy stays.
   */
  async look(): Promise<void> {
    const failures: unknown[] = []
    // a policy that cannot be asked about must not hide what another one lacks
    await sideBySide(policies, atOnce, (policy) => this.#look(policy).catch((error) => void failures.push(error)))
    if (failures.length > 0) throw failures[0]
  }

  /** Throws `cluster-unsafe` unless these policies are proven, and `cluster-unavailable` if the cluster cannot be asked now. */
  async require(...required: readonly Policy[]): Promise<void> {
    await Promise.all(required.filter((policy) => this.#gaps.get(policy)?.length !== 0).map((one) => this.#look(one)))
    const [problem] = this.#problemsOf(required)
    if (problem !== undefined) throw problem
  }

  /** Gaps that the last answers showed, a `cluster-unsafe` for each policy. */
  get problems(): ProblemError[] {
    return this.#problemsOf(policies)
  }

  async #look(policy: Policy): Promise<void> {
    const gaps = await this.#ask(policy)
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
        remedy: setupRemedy
      })
    })
  }
}
