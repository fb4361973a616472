import {
  type Candidate,
  doubtsAbout,
  judgeAgain,
  judgeMachine,
  onClaims,
  type Policy,
  type Rule,
  type Ruling
} from '@joinery/policy'
import {
  awaitsApproval,
  day,
  hour,
  minute,
  type PolicyStatus,
  ProblemError,
  type RetryRequest,
  type TimelineEvent
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { budgets } from '../../core/base/budgets.ts'
import type { Clock, Monotonic } from '../../core/base/clock.ts'
import type { Logger } from '../../core/base/log.ts'
import { Nap } from '../../core/base/nap.ts'
import type { Commits } from '../../core/commit/commits.ts'
import type { Enrolments } from '../../core/commit/enrolments.ts'
import type { UniqueMachines } from '../../core/commit/unique-machines.ts'
import { type AskingRule, entry } from '../../core/enrolment/decision/decision.ts'
import { isProof, shownRevision } from '../../core/enrolment/facts/shown.ts'
import { conflictOf, formerOf } from '../../core/enrolment/name/whose-name.ts'
import { operatorView } from '../../core/enrolment/views.ts'
import type { ClusterNode } from '../../core/ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../../core/ports/store/documents/enrolment-document.ts'
import type { Store } from '../../core/ports/store/store.ts'
import { policySubject } from '../../core/ports/store/timeline.ts'
import type { OperatorService } from '../../core/services/operator-service.ts'
import { decideWould, detailOf, eventOf } from './decide-would.ts'
import type { Current, News, PolicyFile } from './policy-file.ts'
import { Quotas } from './quotas.ts'

interface Parts {
  store: Pick<Store, 'enrolment' | 'enrolmentsByName' | 'walkEnrolments' | 'code' | 'timeline'>
  commits: Pick<Commits, 'append'>
  clock: Clock
  monotonic: Monotonic
  file: Pick<PolicyFile, 'look' | 'current' | 'path' | 'problems' | 'close'>
  operators: Pick<OperatorService, 'approve' | 'reject'>
  enrolments: Pick<Enrolments, 'change'>
  machines: Pick<UniqueMachines, 'withCheck'>
  /** Nodes as the last pass saw them. Undefined before the first pass. */
  nodes: () => readonly ClusterNode[] | undefined
  budget: (typeof budgets)['policy']
  log: Logger
}

/** Note that a machine was judged. */
interface Mark {
  revision: number
  hash: string
  /** Time in milliseconds from which the ruling may be another one, if that can be. */
  again?: number
  /** True if a rule failed: nobody makes the server evaluate it again before that time. */
  failed?: boolean
  /** Name of the rule that holds, but asks about a code that is no proof. */
  lacksProof?: string
}

/** Milliseconds until a machine is judged again whose decision was refused or could not be made. */
const refusedFor = minute

/**
 * Decides about machines that wait, by the policy. Each is judged once at its revision, and again when the ruling may be another one
 * by time alone. Decisions go through the verbs of operators, so what a policy judged is decided only while it is so.
 */
export class Policies {
  readonly #parts: Parts
  readonly #quotas: Quotas
  readonly #nap = new Nap()
  /** Enrolments that changed since they were judged. */
  readonly #due = new Set<string>()
  readonly #marks = new Map<string, Mark>()
  /** Time of the last look at all machines that wait. Undefined if one is due. */
  #swept: number | undefined
  /** Hash of the policy by which all machines were looked at. */
  #hash: string | undefined

  constructor(parts: Parts) {
    this.#parts = parts
    this.#quotas = new Quotas(parts.store)
  }

  /** Hears that an enrolment may have changed. */
  note(id: string): void {
    this.#due.add(id)
    this.#nap.wake()
  }

  /** The policy that counts now, and why the file does not, if so. */
  async status(): Promise<PolicyStatus> {
    const { path, current, problems } = this.#parts.file
    const { mode, hash, rules = [] } = current?.policy ?? {}
    const waiting = Map.groupBy(this.#marks.values(), ({ lacksProof }) => lacksProof)
    await this.#quotas.read(rules, this.#parts.clock.now())
    return {
      file: path,
      ...given({ mode, hash }),
      rules: rules.map((rule) => ({
        name: rule.name,
        verdict: rule.verdict,
        ...(rule.quota !== undefined && { quota: rule.quota, approved: this.#quotas.countOf(rule) }),
        ...(rule.needsProof && { needsProof: true, withoutProof: waiting.get(rule.name)?.length ?? 0 })
      })),
      ...(problems.length > 0 && { trouble: [...problems] })
    }
  }

  /** Looks again and again until `signal` aborts. */
  async start(signal: AbortSignal): Promise<void> {
    const { budget, log, file } = this.#parts
    while (!signal.aborted) {
      await this.round().catch((err: unknown) => log.warn({ err }, 'the policy could not decide'))
      await this.#nap.sleep(budget.look, signal)
      // what comes together is judged together
      await new Nap().sleep(budget.gather, signal)
    }
    await file.close()
  }

  /** Reads the policy if it has changed, and judges the machines that are due. */
  async round(): Promise<void> {
    const { file, clock, nodes } = this.#parts
    const news = await file.look()
    if (news !== undefined) await this.#tell(news)
    const { current } = file
    if (current === undefined || current.policy.mode === 'off') return this.#forget()
    // whether a machine is a copy of a Node is not known before
    if (nodes() === undefined) return
    await this.#sweep(current.policy)
    for (const [id, { again }] of this.#marks)
      if (again !== undefined && again <= clock.now().getTime()) this.#due.add(id)
    for (const id of [...this.#due]) {
      // before: what changes while it is judged makes it due again. If this fails, the sweep finds it
      this.#due.delete(id)
      await this.#judge(id, current)
    }
  }

  #forget(): void {
    this.#due.clear()
    this.#marks.clear()
    this.#hash = undefined
    this.#swept = undefined
  }

  /** Finds the machines that wait and that this policy has not judged as they are. Events only make it sooner. */
  async #sweep({ hash }: Policy): Promise<void> {
    const { store, monotonic, budget } = this.#parts
    const now = monotonic()
    if (this.#hash === hash && this.#swept !== undefined && now - this.#swept < budget.sweep) return
    const waiting = new Set<string>()
    for await (const { item } of store.walkEnrolments(0, { state: 'pending' })) {
      waiting.add(item.id)
      if (!this.#isJudged(item, hash)) this.#due.add(item.id)
    }
    for (const id of this.#marks.keys()) if (!waiting.has(id)) this.#marks.delete(id)
    this.#hash = hash
    this.#swept = now
  }

  #isJudged(enrolment: EnrolmentDocument, hash: string): boolean {
    const mark = this.#marks.get(enrolment.id)
    if (mark === undefined || mark.hash !== hash) return false
    const isOver = mark.again !== undefined && mark.again <= this.#parts.clock.now().getTime()
    return !isOver && (mark.failed === true || mark.revision === shownRevision(enrolment))
  }

  async #judge(id: string, { policy, engine }: Current): Promise<void> {
    const { store, clock } = this.#parts
    const found = await store.enrolment(id)
    if (found === undefined || !awaitsApproval(found)) return void this.#marks.delete(id)
    if (this.#isJudged(found, policy.hash)) return
    const now = clock.now()
    await this.#quotas.read(policy.rules, now)
    const candidate = await this.#candidate(found)
    const isSpent = (rule: Rule): boolean => this.#quotas.isSpent(rule)
    const ruling = isBeingReplaced(found)
      ? ({ verdict: 'hold', why: 'it takes the place of another machine' } satisfies Ruling)
      : await judgeMachine(policy, engine, candidate, { now, isSpent })
    const again = judgeAgain(policy, ruling, now)?.getTime()
    const failed = 'failed' in ruling && ruling.failed !== undefined
    const mark = { revision: shownRevision(found), hash: policy.hash, failed }
    const lacksProof = 'lacksProof' in ruling && ruling.lacksProof ? ruling.rule?.name : undefined
    this.#marks.set(id, { ...mark, ...given({ again, lacksProof }) })
    if (failed) await this.#tellFailed(ruling)
    try {
      await this.#carryOut(policy, found, ruling)
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      // the machine changed meanwhile, or an operator was faster: that commit makes it due again, if it still waits
      if (error.code === 'revision-changed' || error.code === 'illegal-event') return void this.#marks.delete(id)
      this.#marks.set(id, { ...mark, again: now.getTime() + refusedFor })
      const { rule } = ruling
      this.#parts.log.info(
        { enrolment: id, rule: rule?.name, problem: error.code },
        'what the policy decided is not possible'
      )
    }
  }

  /** The machine as an operator is shown it. */
  async #candidate(found: EnrolmentDocument): Promise<Candidate> {
    const { store, machines, nodes } = this.#parts
    const named = await store.enrolmentsByName(found.name)
    const node = nodes()?.find(({ name }) => name === found.name)
    const nameConflict = conflictOf(found, named) ?? (node && `Node ${node.name}`)
    const former = formerOf(found, named)
    const surroundings = { nameConflict, former, expires: undefined, trouble: undefined }
    const enrolment = operatorView(await machines.withCheck(found), surroundings)
    const code = await store.code(found.code)
    return { enrolment, code: code && { ...code, proof: isProof(code) } }
  }

  async #carryOut(policy: Policy, found: EnrolmentDocument, { verdict, rule }: Ruling): Promise<void> {
    if (verdict === 'hold' || rule === undefined) return
    const shown = { revision: shownRevision(found), key: found.key }
    const words = `rule ${rule.name}${onClaims(rule)}, of the policy ${policy.hash}`
    if (policy.mode === 'warn') return this.#tellWould(found.id, verdict, shown, words)
    const { operators, clock } = this.#parts
    if (verdict === 'reject') {
      const reason = rule.reason ?? `rule ${rule.name} of the policy`
      await operators.reject(found.id, reason, { shown, policy: { words, require: () => undefined } })
      return
    }
    const taken = this.#quotas.take(rule, clock.now())
    const asking: AskingRule = { words, require: requireNoDoubt, ...(taken && { counted: taken.counted }) }
    try {
      await operators.approve(found.id, shown, { shown, policy: asking })
    } catch (error) {
      // a refusal is sure not to be written; after anything else nobody knows
      if (error instanceof ProblemError && error.body.status < 500) taken?.giveBack()
      throw error
    }
  }

  /** Tells once what would be decided about the machine at this revision by this policy. */
  async #tellWould(id: string, verdict: 'approve' | 'reject', shown: RetryRequest, words: string): Promise<void> {
    const { store, enrolments } = this.#parts
    const [event, detail] = [eventOf[verdict], detailOf(shown, words)]
    const timeline = await store.timeline(id)
    if (timeline.some((one) => one.event === event && one.detail === detail)) return
    await enrolments.change(id, (current, now) => decideWould(current, verdict, shown, words, now))
  }

  /** Alerts about a rule that could not be evaluated, once a day. */
  async #tellFailed({ rule, why }: Ruling): Promise<void> {
    if (rule === undefined) return
    await this.#alert(`rule/${rule.name}`, 'policy-failed', `${why}; the machines that it is asked about wait`, day)
  }

  async #tell(news: News): Promise<void> {
    const { commits, clock, log } = this.#parts
    if ('refused' in news) {
      log.warn({ problems: news.refused }, 'the policy is wrong: the last right one stays')
      return this.#alert('file', 'policy-refused', news.refused.slice(0, 5).join('; '), hour)
    }
    const { mode, hash, rules } = news.loaded
    const detail = `mode ${mode}, ${rules.length} rules, ${hash}`
    await commits.append({
      entries: [{ subject: policySubject('loaded'), entry: entry(clock.now(), 'policy', 'policy-loaded', detail) }]
    })
    log.info({ mode, hash, rules: rules.length }, 'the policy is loaded')
  }

  /** Alerts once in this time about a part of the policy. The new alert takes the place of the one before. */
  async #alert(part: string, event: TimelineEvent, detail: string, once: number): Promise<void> {
    const { store, commits, clock } = this.#parts
    const subject = policySubject(part)
    const now = clock.now()
    const last = (await store.timeline(subject)).at(-1)
    if (last !== undefined && now.getTime() - Date.parse(last.at) < once) return
    await commits.append({
      untold: [subject],
      entries: [{ subject, entry: entry(now, 'policy', event, detail, true) }]
    })
  }
}

/** True if the machine takes the place of a Node: only the operator who replaced the Node approves it. */
const isBeingReplaced = ({ approval: { replaced, makingRoom } }: EnrolmentDocument): boolean =>
  replaced !== undefined || makingRoom !== undefined

/** Throws `revision-changed` if the enrolment leaves a doubt that it did not leave when it was judged. */
const requireNoDoubt = (enrolment: EnrolmentDocument): void => {
  const { preflight, name } = enrolment
  const { seen: conflicts } = enrolment.conflict
  const { evidence: approved } = enrolment.approval
  const [doubt] = doubtsAbout({ preflight, conflicts, ...given({ approved }) })
  if (doubt === undefined && !isBeingReplaced(enrolment)) return
  throw new ProblemError('revision-changed', {
    detail: `${name} has changed: ${doubt ?? 'it takes the place of a Node'}`
  })
}
