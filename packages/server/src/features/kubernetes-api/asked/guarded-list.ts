import { setupRemedy } from '@joinery/kube'
import type { Policy } from '@joinery/kube/names'
import type { Clock } from '../../../core/base/clock.ts'
import type { Logger } from '../../../core/base/log.ts'
import { boundOf } from '../../../core/credentials/policy-words.ts'
import type { ApiSight } from '../../../core/ports/cluster/api-sight.ts'
import { askClusterTime } from '../../../core/ports/cluster/cluster-clock.ts'
import type { AskedObjects, ProbeAnswer, SeenObject } from '../../../core/ports/objects/asked-objects.ts'
import { NotSetUp } from '../../../core/ports/objects/not-set-up.ts'
import { type ListBounds, type ReadList, readList } from './read-list.ts'
import type { NextLook } from './reading.ts'

interface Parts<Seen extends SeenObject> {
  objects: Pick<AskedObjects<Seen, unknown>, 'page' | 'probe' | 'guardedSince'>
  cluster: Pick<ApiSight, 'now' | 'version'>
  clock: Clock
  log: Logger
  bounds: ListBounds
}

interface Words {
  /** Admission policy that holds `by` to the user who really asks. */
  policy: Policy
  /** Name of the objects, such as Decisions. */
  plural: string
}

/** Findings of one look. */
export interface Sight<Seen> extends ReadList<Seen> {
  /** Time of the look by the API server's clock. */
  now: Date
  /** Answer of the two probes that proves less. */
  answer: ProbeAnswer['answer']
  /** True if the object may be by anybody, whomever it names. Nothing is known of that if the answer is `unknown`. */
  isForged(object: Seen): boolean
}

/**
 * Lists the objects of one kind, and asks before and after each list whether the cluster still holds `by` to the user who really
 * asks. If it does not, whatever was listed in between may be forged, then and later. So may be what is older than the policy.
 */
export class GuardedList<Seen extends SeenObject> {
  readonly #parts: Parts<Seen>
  readonly #words: Words
  #trouble: string | undefined
  /** True if the last look found the policy missing. */
  #isUnguarded = false
  /** Time, by the API server's clock, of the first look at which a policy that had been missing was there again. */
  #guardedSince = new Date(0)

  constructor(parts: Parts<Seen>, words: Words) {
    this.#parts = parts
    this.#words = words
  }

  /** A sentence with a command for what keeps the server from reading the objects. The policy itself is told by `Bounds`. */
  get remedies(): readonly string[] {
    return this.#trouble === undefined ? [] : [`${this.#trouble}; ${setupRemedy}`]
  }

  /** Looks once, and does `work` with what was seen. Without the kind in the cluster nothing is done until the watch tells. */
  async look(work: (sight: Sight<Seen>) => Promise<NextLook>): Promise<NextLook> {
    try {
      return await work(await this.#look())
    } catch (error) {
      if (!(error instanceof NotSetUp)) throw error
      this.#tell(`${this.#words.plural} of the cluster are not read: ${error.message}`)
      return 'when-told'
    }
  }

  async #look(): Promise<Sight<Seen>> {
    const { objects, cluster, clock, bounds } = this.#parts
    const before = await this.#probe()
    const list = await readList((...asked) => objects.page(...asked), bounds, this.#words.plural)
    const [after, made] = await Promise.all([this.#probe(), objects.guardedSince()])
    const now = await askClusterTime(cluster, clock)
    const proven = worse(before, after)
    return { ...list, now, answer: proven.answer, isForged: this.#judge(proven, made, now, list.trouble) }
  }

  /** Asks whether the policy is there. That it is not is noted at once, whatever becomes of this look. */
  async #probe(): Promise<ProbeAnswer> {
    const answer = await this.#parts.objects.probe()
    if (answer.answer === 'allowed' && !this.#isUnguarded) {
      this.#isUnguarded = true
      const { policy } = this.#words
      const gaps = [answer.words]
      this.#parts.log.error({ policy, gaps }, `the policy ${policy} is missing: ${boundOf(policy).stops}`)
    }
    return answer
  }

  /**
   * Says which objects may be forged: all while the policy is away, and those that were made before the first look at which it
   * was there again. When it came back nobody knows. Those that are older than the policy, or not much younger, may be forged too:
   * it was away while nobody looked.
   */
  #judge(proven: ProbeAnswer, made: Date, now: Date, trouble: string | undefined): (object: Seen) => boolean {
    const { policy, plural } = this.#words
    if (proven.answer === 'unknown') {
      this.#tell(`${boundOf(policy).stops}, for nothing proves the policy ${policy}: ${proven.words}`)
      return () => true
    }
    this.#tell(trouble)
    if (proven.answer === 'allowed') return () => true
    if (this.#isUnguarded) {
      this.#parts.log.info({ policy }, `the policy holds again: ${plural} that are made from now on count`)
      this.#isUnguarded = false
      this.#guardedSince = now
    }
    const since = Math.max(this.#guardedSince.getTime(), made.getTime() + heededWithin)
    return ({ created }) => created.getTime() <= since
  }

  #tell(trouble: string | undefined): void {
    if (trouble === this.#trouble) return
    this.#trouble = trouble
    if (trouble === undefined) this.#parts.log.info(`${this.#words.plural} of the cluster are read`)
    else this.#parts.log.warn(`${trouble}; ${setupRemedy}`)
  }
}

/**
 * Milliseconds within which the API server heeds a new policy. It reads policies from a cache of its own: what is forged was still
 * taken a second after the binding was made. More would refuse what is honest just after the first `setup`.
 */
const heededWithin = 2_000

/** The answer that proves less. */
const worse = (before: ProbeAnswer, after: ProbeAnswer): ProbeAnswer =>
  [before, after].find(({ answer }) => answer === 'allowed') ??
  [before, after].find(({ answer }) => answer === 'unknown') ??
  after
