import { hasEnded, hour, noFacts } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Commits } from '../commit/commits.ts'
import type { Giving } from '../credentials/cluster-guard.ts'
import { entry } from '../enrolment/decision/decision.ts'
import { enrolmentsOf } from '../enrolment/facts/shown.ts'
import type { BannedNames } from '../ports/cluster/banned-names.ts'
import type { ClusterNode } from '../ports/cluster/nodes.ts'
import type { AgentPackages } from '../ports/store/agent-packages.ts'
import type { AttemptDocument } from '../ports/store/documents/attempt-document.ts'
import type { CodeDocument } from '../ports/store/documents/code-document.ts'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'
import type { Ended, Place } from '../ports/store/ended.ts'
import type { Store } from '../ports/store/store.ts'
import { isCodeOver, isForgettable, isGuard, isToShrink, type Limits, needsBan } from './decide-prune.ts'

interface Parts {
  store: Store
  ended: Ended
  commits: Pick<Commits, 'append'>
  cluster: Pick<BannedNames, 'bans'>
  giving: Giving
  clock: Clock
  log: Logger
  packages: Pick<AgentPackages, 'prune'>
  /** Milliseconds for which an enrolment or code that ended is kept. */
  retention: number
  longestDays: () => Promise<number>
}

/** Most enrolments, and most codes, that one sweep looks at. However many have ended, a sweep costs the same. */
const atOnce = 100

/** Milliseconds between two looks at the kept packages: one look may read a whole package. */
const packagesEach = hour

/**
 * Prunes what ended long ago, a part at each sweep. First an enrolment becomes its essence. Once nothing rests on that, it is
 * forgotten with its code. A code and the enrolments that used it go together. A code without them would be open again, and
 * they without the code could not tell who comes with it. Each step is one commit on what was read, so a step that is cut or
 * overtaken is done at a later sweep.
 */
export class Pruning {
  readonly #parts: Parts
  #enrolments: Place | undefined
  #code: string | undefined
  #packagesAt = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Does one part. `nodes`: as they are in the cluster now. */
  async sweep(nodes: readonly Pick<ClusterNode, 'name'>[]): Promise<void> {
    const { clock, retention, packages } = this.#parts
    const limits = { retention, longestDays: await this.#parts.longestDays(), now: clock.now() }
    const there = new Set(nodes.map(({ name }) => name))
    await this.#pruneEnrolments(limits, there)
    await this.#pruneCodes(limits, there)
    if (limits.now.getTime() - this.#packagesAt < packagesEach) return
    this.#packagesAt = limits.now.getTime()
    await packages.prune(endOf(limits))
  }

  async #pruneEnrolments(limits: Limits, there: ReadonlySet<string>): Promise<void> {
    const { store, ended } = this.#parts
    const some = await ended.endedBy(endOf(limits), this.#enrolments, atOnce)
    this.#enrolments = some.length < atOnce ? undefined : some.at(-1)
    await Promise.all(some.filter((one) => isToShrink(one, limits)).map((one) => this.#shrink(one, limits)))
    for (const enrolment of some) {
      // an enrolment with a code goes when its code does
      if ((await store.code(enrolment.code)) === undefined) await this.#forget(undefined, [enrolment], limits, there)
    }
  }

  async #shrink(enrolment: EnrolmentDocument, { now }: Limits): Promise<void> {
    const { id, since, state } = enrolment
    const pruned = entry(now, 'server', 'pruned', `${state} since ${since}: its evidence and its timeline are not kept`)
    await this.#parts.commits.append({
      enrolments: [essenceOf(enrolment, now)],
      untold: [id],
      entries: [{ subject: id, entry: pruned }]
    })
  }

  async #pruneCodes(limits: Limits, there: ReadonlySet<string>): Promise<void> {
    const some = await this.#parts.ended.codesAfter(this.#code, atOnce)
    this.#code = some.length < atOnce ? undefined : some.at(-1)?.id
    for (const code of some) {
      if (isCodeOver(code, limits)) await this.#forget(code, await this.#users(code), limits, there)
    }
  }

  /** Enrolments that used the code. Undefined if one of them is not pruned yet, which is seen before all are read. */
  async #users(code: CodeDocument): Promise<EnrolmentDocument[] | undefined> {
    const users: EnrolmentDocument[] = []
    for (const id of enrolmentsOf(code)) {
      const user = await this.#parts.store.enrolment(id)
      if (user === undefined) continue
      if (user.pruned === undefined) return undefined
      users.push(user)
    }
    return users
  }

  async #forget(
    code: CodeDocument | undefined,
    enrolments: readonly EnrolmentDocument[] | undefined,
    limits: Limits,
    there: ReadonlySet<string>
  ): Promise<void> {
    if (enrolments === undefined) return
    for (const one of enrolments) if (!(await this.#isForgettable(one, enrolments, limits, there))) return
    // the bans are lifted before the enrolments are forgotten: what is cut here is done again
    for (const one of enrolments) await this.#liftBans(one)
    const result = await this.#parts.commits.append({ gone: { enrolments, codes: code === undefined ? [] : [code] } })
    if (result !== 'committed') return
    for (const { id, name, state } of enrolments) {
      this.#parts.log.info({ enrolment: id, name, event: 'forgotten' }, `${state} long ago`)
    }
  }

  /** True if nothing needs the enrolment, in the store or in the cluster. `together`: enrolments that go in the same commit. */
  async #isForgettable(
    enrolment: EnrolmentDocument,
    together: readonly EnrolmentDocument[],
    limits: Limits,
    there: ReadonlySet<string>
  ): Promise<boolean> {
    const { name, key, withoutAgent } = enrolment
    if (!isForgettable(enrolment, [], limits)) return false
    const named = await this.#parts.store.enrolmentsByName(name)
    const keyed = withoutAgent ? [] : await this.#parts.ended.enrolmentsByKey(key)
    const others = [...named, ...keyed].filter((other) => !together.some(({ id }) => id === other.id))
    const inherited = there.has(name) && !others.some((other) => other.name === name && !hasEnded(other))
    return !inherited && isForgettable(enrolment, others, limits)
  }

  /**
   * Takes the names off the ban list that were put there for the enrolment. A name stays if another enrolment of that name
   * needs the ban.
   */
  async #liftBans(enrolment: EnrolmentDocument): Promise<void> {
    if (!isGuard(enrolment)) return
    const { store, cluster, giving } = this.#parts
    for (const [name, reason] of await cluster.bans()) {
      if (!isBanOf(enrolment, name, reason)) continue
      const named = await store.enrolmentsByName(name)
      if (!named.some((other) => other.id !== enrolment.id && needsBan(other))) await giving.unban(name)
    }
  }
}

const endOf = ({ now, retention }: Limits): Date => new Date(now.getTime() - retention)

/** True if the server wrote the ban for this enrolment, or for one of its name that no longer exists. */
const isBanOf = ({ id, name }: EnrolmentDocument, banned: string, reason: string): boolean =>
  reason.includes(`enrolment ${id}`) || (banned === name && /^(replaced by )?enrolment /.test(reason))

/**
 * Cuts an enrolment that ended long ago to what a rule still reads: whose name, key and code it had, what it was given, and
 * what was done about it. Its evidence goes, and so does its timeline. It is the same enrolment, so no rule needs to know of
 * the difference but one: it cannot be retried.
 */
export const essenceOf = (enrolment: EnrolmentDocument, now: Date): EnrolmentDocument => {
  const { service: _, terms, approval, join, certificates, ...kept } = enrolment
  const { credential, prefetch, recover } = terms
  const { takenBack, replaced } = approval
  const { key: _key, sealKey: _seal, grant: _grant, said: _said, agentReady: _ready, ...joined } = join
  const { serving: _serving, ...banned } = certificates
  const { codeClosed, keySeen } = enrolment.conflict
  return {
    ...kept,
    address: '',
    facts: noFacts,
    preflight: [],
    terms: given({ credential, prefetch, recover }),
    approval: given({ takenBack, replaced }),
    join: { ...joined, attempts: join.attempts.map(attemptEssence) },
    diagnosis: {},
    conflict: { ...given({ codeClosed, keySeen }), seen: [] },
    certificates: banned,
    pruned: now.toISOString()
  }
}

/** Cuts an attempt: only that it failed counts, and one line of the reason. */
const attemptEssence = ({ stage: _, ...attempt }: AttemptDocument): AttemptDocument =>
  attempt.failure === undefined ? attempt : { ...attempt, failure: firstLine(attempt.failure) }

const firstLine = (text: string): string => (text.split('\n')[0] ?? '').slice(0, 200)
