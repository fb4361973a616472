import type { Budgets } from '../../../core/base/budgets.ts'
import type { Clock } from '../../../core/base/clock.ts'
import type { Logger } from '../../../core/base/log.ts'
import { sideBySide } from '../../../core/base/side-by-side.ts'
import type { Commits } from '../../../core/commit/commits.ts'
import type { Generations } from '../../../core/generation/generations.ts'
import { setBackAt } from '../../../core/generation/set-back.ts'
import type { ApiSight } from '../../../core/ports/cluster/api-sight.ts'
import type { Codes, SeenCode } from '../../../core/ports/objects/codes.ts'
import { inTurns, makerOf } from '../../../core/ports/objects/in-turns.ts'
import type { CodeDocument } from '../../../core/ports/store/documents/code-document.ts'
import type { ObjectsAsked } from '../../../core/ports/store/objects-asked.ts'
import type { Store } from '../../../core/ports/store/store.ts'
import { storeSubject } from '../../../core/ports/store/timeline.ts'
import type { CodeService } from '../../../core/services/code-service.ts'
import { GuardedList, type Sight } from '../asked/guarded-list.ts'
import type { NextLook } from '../asked/reading.ts'
import { forgery, isRefusal, writeRefusal } from '../asked/refusal.ts'
import type { SettledCode } from './code-status.ts'
import type { CodeStatuses } from './code-statuses.ts'
import { judgeCode, overSince } from './judge-code.ts'
import { codesToDelete } from './over-codes.ts'
import { settledCodes } from './settled-codes.ts'

interface Parts {
  store: Store
  asked: ObjectsAsked
  commits: Pick<Commits, 'append'>
  codes: Codes
  service: Pick<CodeService, 'accept' | 'revokeDeleted'>
  statuses: Pick<CodeStatuses, 'see' | 'follow'>
  generations: Pick<Generations, 'require'>
  cluster: Pick<ApiSight, 'now' | 'version'>
  clock: Clock
  log: Logger
  budgets: Budgets['codes']
}

/**
 * Reads the Codes of the cluster. A new one becomes a code, or is refused, once. A code whose Code is gone is revoked. Each status
 * follows the store, which is the truth: nothing here must remember a Code from one look to the next.
 */
export class CodeReader {
  readonly #parts: Parts
  readonly #list: GuardedList<SeenCode>
  /** True if the last look could not read all Codes. */
  #isCut = false
  /** Uids of the Codes that the last look could not judge. The next one begins with the others. */
  #failed: ReadonlySet<string> = new Set()

  constructor(parts: Parts) {
    this.#parts = parts
    const { codes: objects, budgets: bounds, ...others } = parts
    this.#list = new GuardedList({ ...others, objects, bounds }, { policy, plural: 'Codes' })
  }

  /** A sentence with a command for each thing that keeps the server from following the Codes. */
  get remedies(): readonly string[] {
    if (!this.#isCut) return this.#list.remedies
    const most = this.#parts.budgets.listed.toLocaleString('en')
    return [
      ...this.#list.remedies,
      `The cluster has more than ${most} Codes: some are not read, and to delete one revokes nothing; delete those that nobody needs: kubectl get codes`
    ]
  }

  /**
   * Looks once, and says when to look again. Throws `cluster-unavailable` and the problems of the store: then a later look does
   * what is left.
   */
  async look(): Promise<NextLook> {
    const { asked, generations } = this.#parts
    await generations.require()
    // before the list: a Code that is made after that list must not count as deleted
    const before = await asked.codesOfObjects()
    return this.#list.look((sight) => this.#heed(before, sight))
  }

  async #heed(before: readonly CodeDocument[], sight: Sight<SeenCode>): Promise<NextLook> {
    const { statuses, budgets } = this.#parts
    const { items, isComplete, answer } = sight
    this.#isCut = !isComplete
    statuses.see(items)
    const gone = isComplete ? goneFrom(items, before) : []
    // what takes away goes first
    await sideBySide(gone.slice(0, budgets.judged), budgets.atOnce, (code) => this.#revoke(code))
    const settled = await settledCodes(this.#parts, items)
    const open = items.filter(({ uid }) => !settled.has(uid))
    const failures = answer === 'unknown' ? [] : await this.#judge(open, sight)
    for (const [uid, code] of await settledCodes(this.#parts, open)) settled.set(uid, code)
    await statuses.follow(settled).catch((error: unknown) => failures.push(error))
    const isMore = await this.#tidyUp(sight, settled)
    if (failures.length > 0) throw failures[0]
    if (isMore || gone.length > budgets.judged || open.length > budgets.judged) return 'soon'
    // who watches for the end of an attack must not be fooled by a moment in which all is well
    return answer === 'allowed' ? 'later' : 'when-told'
  }

  async #revoke({ id }: CodeDocument): Promise<void> {
    await this.#parts.service.revokeDeleted(id)
    this.#parts.log.info({ code: id }, 'its Code was deleted in Kubernetes: the code is revoked')
  }

  /** Judges new Codes. Returns the errors by which some of them stay open. */
  async #judge(open: readonly SeenCode[], { now, isForged }: Sight<SeenCode>): Promise<unknown[]> {
    const { store, budgets } = this.#parts
    if (open.length === 0) return []
    const setBack = setBackAt(await store.timeline(storeSubject))
    const failures: unknown[] = []
    const failed = new Set<string>()
    const inTurn = inTurns(open, makerOf).sort(
      (a, b) => Number(this.#failed.has(a.uid)) - Number(this.#failed.has(b.uid))
    )
    await sideBySide(inTurn.slice(0, budgets.judged), budgets.atOnce, async (seen) => {
      // what fails for one Code must not keep the others waiting, but an outage is not tried out on each
      if (failures.length >= budgets.atOnce) return
      const judging = isForged(seen) ? this.#refuse(seen, forged, now) : this.#accept(seen, setBack, now)
      await judging.catch((error: unknown) => {
        failures.push(error)
        failed.add(seen.uid)
      })
    })
    this.#failed = failed
    return failures
  }

  /** Makes a code of a Code, or refuses it. Throws if store or cluster cannot be used: the Code stays open then. */
  async #accept(seen: SeenCode, setBack: Date | undefined, now: Date): Promise<void> {
    const { store, service, log } = this.#parts
    const judged = judgeCode(seen, { code: await store.codeByHash(seen.name), setBack }, now)
    if ('refused' in judged) return this.#refuse(seen, judged.refused, now)
    const { name: hash, uid } = seen
    const decided = { uid, result: 'applied', message: 'accepted', at: now.toISOString() } as const
    try {
      const result = await service.accept({ ...judged, hash, uid, decided })
      if (result === 'committed') log.info({ code: hash, uid, by: judged.by }, 'a code was made by a Code')
      // another one has settled the Code, or has made a code of this hash
      else if (result === 'stale') await this.#refuseTaken(seen, now)
    } catch (error) {
      if (!isRefusal(error)) throw error
      await this.#refuse(seen, error, now)
    }
  }

  async #refuseTaken(seen: SeenCode, now: Date): Promise<void> {
    const judged = judgeCode(seen, { code: await this.#parts.store.codeByHash(seen.name), setBack: undefined }, now)
    if ('refused' in judged) await this.#refuse(seen, judged.refused, now)
  }

  async #refuse({ uid, name }: SeenCode, problem: Parameters<typeof writeRefusal>[2], now: Date): Promise<void> {
    const settled = await writeRefusal(this.#parts, uid, problem, now)
    if (settled?.result !== 'refused') return
    this.#parts.log.info({ code: name, uid, problem: settled.code }, `a Code was refused: ${settled.message}`)
  }

  /** Deletes Codes that are over. True if there may be more of them. */
  async #tidyUp(sight: Sight<SeenCode>, settled: ReadonlyMap<string, SettledCode>): Promise<boolean> {
    const { items, isComplete, now } = sight
    const { budgets, store } = this.#parts
    const over = await overSince(store, items, settled, now)
    const some = codesToDelete(over, { isComplete, excess: budgets.excess, now })
    await sideBySide(some.slice(0, budgets.deleted), budgets.atOnce, (seen) => this.#clear(seen, settled.get(seen.uid)))
    return some.length > budgets.deleted || (!isComplete && some.length > 0)
  }

  /** Deletes a Code. Before that the code is told, so that it is not revoked for it. */
  async #clear(seen: SeenCode, { code }: SettledCode = {}): Promise<void> {
    const { commits, codes } = this.#parts
    if (code?.object !== undefined && code.revoked === undefined && code.object.cleared === undefined) {
      const cleared = { ...code, object: { ...code.object, cleared: true as const } }
      // if the code has changed meanwhile, a later look deletes the Code
      if ((await commits.append({ codes: [cleared] })) !== 'committed') return
    }
    await codes.delete(seen)
  }
}

const policy = 'joinery-codes'

const forged = forgery(policy, 'who made it: make a new code')

/** Codes whose Code is not in a complete list that began after they were read. */
const goneFrom = (listed: readonly SeenCode[], codes: readonly CodeDocument[]): CodeDocument[] => {
  const uids = new Set(listed.map(({ uid }) => uid))
  return codes.filter(({ object }) => object !== undefined && !uids.has(object.uid))
}
