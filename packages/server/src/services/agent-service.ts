import {
  type ClaimRequest,
  type ClusterFacts,
  type Credential,
  type CredentialKind,
  type EnrolRequest,
  ended,
  hashCode,
  isNamePattern,
  next,
  type ObservationRequest,
  type OutcomeRequest,
  type OwnEnrolment,
  ProblemError,
  type ProgressRequest,
  parseCode,
  type Reachability,
  type ReachabilityRequest
} from '@joinery/protocol'
import { readSealKey } from '@joinery/protocol/seal'
import { budgets } from '../base/budgets.ts'
import type { Clock } from '../base/clock.ts'
import { InTurn } from '../base/in-turn.ts'
import type { Logger } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import type { Cluster, ClusterNode } from '../cluster/cluster.ts'
import type { Decide, Enrolments } from '../commit/enrolments.ts'
import type { UniqueMachines } from '../commit/unique-machines.ts'
import type { PollEnd, Waiting } from '../commit/waiting.ts'
import type { Bans } from '../credentials/bans.ts'
import type { Bounds } from '../credentials/bounds.ts'
import type { Credentials } from '../credentials/credentials.ts'
import { newTokenId } from '../credentials/derive.ts'
import { forTokens } from '../credentials/policy-words.ts'
import type { DialBack } from '../dial-back/dial-back.ts'
import { type Refusal, refusedUse } from '../enrolment/code/refused-use.ts'
import { approvedRequest } from '../enrolment/csr/approved-request.ts'
import { decideSecondKey } from '../enrolment/decision/conflict.ts'
import { entry } from '../enrolment/decision/decision.ts'
import { decideEvidence, type Sighting } from '../enrolment/decision/evidence.ts'
import { openAttempt } from '../enrolment/facts/attempts.ts'
import { enrolmentFor, usesOf, withUse } from '../enrolment/facts/code-uses.ts'
import { requireTurn } from '../enrolment/facts/control-plane.ts'
import { credentialOf, requireOffered } from '../enrolment/facts/credential-kind.ts'
import { requireBeforeJoin, requireOnItsWay } from '../enrolment/facts/on-its-way.ts'
import { requireSafeCluster } from '../enrolment/facts/safe-cluster.ts'
import { tokenGroupOf } from '../enrolment/facts/token-group.ts'
import { freeName, requireFreeName } from '../enrolment/name/free-name.ts'
import { decideClaim, requirePreflight, requireUnique } from '../enrolment/verbs/claim.ts'
import { type Answer, judgeCode, newEnrolment, requireNodeName } from '../enrolment/verbs/enrol.ts'
import { sealedFor } from '../enrolment/verbs/grant.ts'
import { decideAgentReady, decideFailed, decideProgress } from '../enrolment/verbs/outcome.ts'
import { ownView } from '../enrolment/views.ts'
import type { Generations } from '../generation/generations.ts'
import type { CallRates } from '../rates/call-rates.ts'
import type { CodeDocument, EnrolmentDocument, Store } from '../store/store.ts'
import type { ReadClusterFacts } from './cluster-facts.ts'

interface Parts {
  store: Store
  cluster: Cluster
  clock: Clock
  random: Random
  enrolments: Enrolments
  waiting: Waiting
  credentials: Credentials
  bans: Pick<Bans, 'lift'>
  /** As the server is set: see `requireOffered`. */
  credential: CredentialKind
  bounds: Bounds
  generations: Pick<Generations, 'require'>
  machines: UniqueMachines
  clusterFacts: ReadClusterFacts
  dialBack: DialBack
  rates: CallRates
  log: Logger
  /** Those of the cluster as they were seen last; undefined where they were not seen yet. */
  nodes: () => readonly ClusterNode[] | undefined
  /** Makes the reconciler look at the cluster now. */
  nudge: () => void
}

/** Who calls: the key of the client certificate, and the address that the server sees. */
export interface Caller {
  key: string
  address: string
}

/** What an agent may do: one method a call of the protocol (design section 4). */
export class AgentService {
  readonly #parts: Parts
  readonly #uses = new InTurn()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /**
   * The first key that uses a code owns it, or one of its uses; that key may repeat itself. `created` is false for a
   * repetition.
   */
  async enrol(caller: Caller, request: EnrolRequest): Promise<{ created: boolean; enrolment: OwnEnrolment }> {
    await requireOwnSealKey(request, caller)
    const canonical = parseCode(request.code)
    const code = typeof canonical === 'string' ? await this.#parts.store.codeByHash(hashCode(canonical)) : undefined
    // what is wrong for every code tells nothing of this one; one that names its machine leaves a trace of who asks
    if (code?.name === undefined) requireNodeName(request.name)
    if (code === undefined) throw new ProblemError('code-not-accepted')
    // a fleet that boots at once would race for the one document of its code, and one machine a round would win
    const { created, enrolment } = await this.#uses.do(code.id, () => this.#use(code.id, caller, request))
    return { created, enrolment: await this.#view(enrolment) }
  }

  async #use(
    id: string,
    caller: Caller,
    request: EnrolRequest
  ): Promise<{ created: boolean; enrolment: EnrolmentDocument }> {
    const { store } = this.#parts
    for (;;) {
      const code = await store.code(id)
      if (code === undefined) throw new ProblemError('code-not-accepted')
      const behind = enrolmentFor(code, caller.key)
      const used = behind === undefined ? undefined : await store.enrolment(behind)
      // both were forgotten since the code was read: it must not be open again
      if (behind !== undefined && used === undefined) throw new ProblemError('code-not-accepted')
      switch (await this.#judge(code, used, caller)) {
        case 'again':
          return { created: false, enrolment: await this.#enrolAgain(code, used as EnrolmentDocument, caller, request) }
        case 'conflict':
          await this.#secondKey(code, used as EnrolmentDocument, caller, request)
          throw new ProblemError('code-not-accepted')
        case 'spent':
          await this.#note(code, { event: 'quota', reason: `all ${usesOf(code)} uses are taken` }, caller)
          throw new ProblemError('code-not-accepted')
        case 'elsewhere':
          await this.#note(code, { event: 'refused', reason: `not from ${code.from?.join(', ')}` }, caller)
          throw new ProblemError('code-not-accepted')
        case 'open': {
          const enrolment = await this.#enrolFirst(code, caller, request)
          if (enrolment !== undefined) return { created: true, enrolment }
        }
      }
    }
  }

  /** A code that is over is refused; that it came is in its timeline before the machine is answered. */
  async #judge(code: CodeDocument, used: EnrolmentDocument | undefined, caller: Caller): Promise<Answer> {
    try {
      return judgeCode(code, used, caller, this.#parts.clock.now())
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      await this.#note(code, { event: 'refused', reason: error.message }, caller)
      throw error
    }
  }

  async #note({ id }: CodeDocument, refusal: Refusal, caller: Caller): Promise<void> {
    const { store, clock, log } = this.#parts
    const entry = refusedUse(await store.timeline(id), refusal, caller, clock.now())
    if (entry === undefined) return
    await store.commit({ entries: [{ subject: id, entry }] })
    if (entry.alert) log.warn({ code: id, event: entry.event }, entry.detail)
  }

  /** Of enrolments, and of the Nodes as they were seen last. */
  async #takenNames(): Promise<Set<string>> {
    const { store, nodes, cluster, clock } = this.#parts
    const seen = nodes() ?? (await cluster.nodes())
    return (await store.takenNames(clock.now())).union(new Set(seen.map(({ name }) => name)))
  }

  /** A name that another code names is for the machine that comes with that code, not for whoever asks. */
  async #askedName(code: CodeDocument, asked: string, caller: Caller): Promise<string> {
    const { store, clock } = this.#parts
    const name = requireNodeName(asked)
    if (!(await store.isNamed(name, clock.now()))) return name
    await this.#note(code, { event: 'refused', reason: `asked for ${name}, which another code names` }, caller)
    throw new ProblemError('invalid-name', {
      detail: `${name} is for the machine with the code that names it`,
      remedy: `set another \`name\` in /etc/joinery/agent.yaml, or give the machine a code of that name: joinery code create --name ${name}`
    })
  }

  /** Uses the code and makes the enrolment in one commit; undefined where somebody else was faster. */
  async #enrolFirst(code: CodeDocument, caller: Caller, request: EnrolRequest): Promise<EnrolmentDocument | undefined> {
    const { random, clock, enrolments } = this.#parts
    const counted = countsNames(code) ? freeName(code.name, await this.#takenNames()) : undefined
    const name = counted ?? code.name ?? (await this.#askedName(code, request.name, caller))
    const now = clock.now()
    const enrolment = newEnrolment({ id: random.id(), name }, code, { ...caller, request }, now)
    const enrolled = entry(now, 'agent', 'enrol', `key ${caller.key} from ${caller.address}, code ${code.id}`)
    const used = entry(now, 'agent', 'used', `by key ${caller.key} from ${caller.address}, enrolment ${enrolment.id}`)
    return enrolments.commit(
      { enrolment, entries: [enrolled] },
      {
        codes: [withUse(code, { key: caller.key, enrolment: enrolment.id })],
        entries: [{ subject: code.id, entry: used }],
        ...(counted === undefined ? {} : { unclaimed: [counted] })
      }
    )
  }

  /** A name that was counted stays: it is the server's, whatever the machine calls itself. */
  async #enrolAgain(
    code: CodeDocument,
    used: EnrolmentDocument,
    caller: Caller,
    request: EnrolRequest
  ): Promise<EnrolmentDocument> {
    const { code: _, name: asked, ...observation } = request
    const known = countsNames(code) || asked === used.name ? used.name : code.name
    const name = known ?? (await this.#askedName(code, asked, caller))
    const sighting = { address: caller.address, name, observation }
    return this.#parts.enrolments.change(used.id, await this.#evidence(sighting))
  }

  async #secondKey(
    code: CodeDocument,
    used: EnrolmentDocument,
    caller: Caller,
    { facts, joinKey, sealKey }: EnrolRequest
  ): Promise<void> {
    if (ended.includes(used.state)) {
      return this.#note(code, { event: 'conflict', reason: `its enrolment ${used.id} is ${used.state}` }, caller)
    }
    const reason = `the code was presented by a second key, ${caller.key}, from ${caller.address}`
    const frozen = await this.#parts.enrolments.change(used.id, (enrolment, now) =>
      decideSecondKey(
        enrolment,
        {
          ...caller,
          at: now.toISOString(),
          facts,
          ...(joinKey !== undefined && { joinKey }),
          ...(sealKey !== undefined && { sealKey })
        },
        reason,
        now
      )
    )
    await this.#settleSoon(frozen)
  }

  /**
   * The own enrolment once its revision is above `after`; `nothing` when none came within `seconds`, `ended` when another
   * poll of the key came. Throws `too-many-requests` where as many machines wait as may, and there is nothing newer.
   */
  async wait(
    caller: Caller,
    after: number,
    seconds: number,
    gone: AbortSignal
  ): Promise<OwnEnrolment | Exclude<PollEnd, 'changed'>> {
    if (seconds === 0) return (await this.#newer(caller, after)) ?? 'nothing'
    // from before the look: what changes after it must not be missed
    const poll = this.#parts.waiting.poll(caller.key, seconds * 1000, gone)
    try {
      const newer = await this.#newer(caller, after)
      if (newer !== undefined) return newer
      if (poll === undefined) {
        throw new ProblemError(
          'too-many-requests',
          { detail: 'as many machines wait as may' },
          { retryAfter: budgets.polls.fullRetryAfter }
        )
      }
      const end = await poll.over
      return end === 'changed' ? ((await this.#newer(caller, after)) ?? 'nothing') : end
    } finally {
      poll?.end()
    }
  }

  async #newer(caller: Caller, after: number): Promise<OwnEnrolment | undefined> {
    const enrolment = await this.#see(caller)
    return enrolment.revision > after ? this.#view(enrolment) : undefined
  }

  async observe(caller: Caller, observation: ObservationRequest): Promise<OwnEnrolment> {
    await requireOwnSealKey(observation, caller)
    return this.#view(await this.#see(caller, { observation }))
  }

  /**
   * The own enrolment with what is seen of the machine now. That it comes from another address is evidence as an observation
   * is, and written as often: throws `too-many-requests`.
   */
  async #see({ key, address }: Caller, more: Pick<Sighting, 'observation'> = {}): Promise<EnrolmentDocument> {
    const { enrolments, rates } = this.#parts
    const decide = await this.#evidence({ address, ...more })
    return enrolments.changeOwn(key, (current, now) => {
      const decision = decide(current, now)
      if (decision !== undefined && more.observation === undefined) rates.require('observations', key)
      return decision
    })
  }

  async #evidence(seen: Sighting): Promise<Decide> {
    const { machines } = this.#parts
    await machines.load()
    const sighting: Sighting = { ...seen, borrowed: (...given) => machines.borrowed(...given) }
    return (current, now) => decideEvidence(current, sighting, now)
  }

  /** Of the cluster that the machine is to join; for none whose enrolment has come to its end. */
  async cluster({ key }: Caller): Promise<ClusterFacts> {
    requireOnItsWay(await this.#parts.enrolments.own(key))
    return this.#parts.clusterFacts()
  }

  /** Whether the ports that the control plane will need can be reached, before the machine joins. */
  async reachability({ key, address }: Caller, request: ReachabilityRequest): Promise<Reachability> {
    const enrolment = await this.#parts.enrolments.own(key)
    requireBeforeJoin(enrolment)
    return this.#parts.dialBack.reach(enrolment, address, request)
  }

  /** The credential of the present attempt. What it is told by in the cluster is committed before it is made there. */
  async claim(caller: Caller, { request, preflight }: ClaimRequest = {}): Promise<Credential> {
    const { store, clock, cluster, random, enrolments, credentials, credential, bans, bounds, generations, machines } =
      this.#parts
    const { nudge } = this.#parts
    const seen = await this.#see(caller)
    if (next(seen.state, 'claim') === undefined) {
      throw new ProblemError('illegal-event', { detail: `claim is not possible: the enrolment is ${seen.state}` })
    }
    // what is not possible anyway is said before the cluster is asked
    if (openAttempt(seen) === undefined) requirePreflight(preflight ?? seen.preflight, seen.policy)
    const kind = credentialOf(seen)
    requireOffered(kind, credential)
    if (sealedFor(seen) !== undefined) requireTurn(seen, await store.enrolments(['joining', 'joined']), clock.now())
    const approved = kind === 'certificate' ? await approvedRequest(request, seen) : undefined
    await generations.require()
    const endpoint = await cluster.endpoint()
    // of a certificate the cluster itself only approves what is for its own name
    if (kind === 'token') {
      requireSafeCluster(await cluster.autoApproval(tokenGroupOf(seen)))
      await bounds.require(...forTokens)
    } else await bounds.require('joinery-csrs')
    if (openAttempt(seen) === undefined) {
      requireFreeName(seen.name, await cluster.nameHolder(seen.name))
      requireUnique(await machines.check(seen, machines.knowsNodes ? undefined : await cluster.nodes()))
    }
    const tokenId = newTokenId(random.bytes)
    const claim = deciding((current, now) =>
      decideClaim(current, { tokenId, preflight, clusterNow: cluster.now() }, now)
    )
    const sealed = sealedFor(await enrolments.change(seen.id, claim.decide))
    const give = async () => {
      // only once the claim stands, and at each repetition: what lifts a ban is an open attempt
      await bans.lift(seen)
      return approved === undefined ? credentials.token(seen.id) : credentials.certificate(seen.id, approved)
    }
    const { attempt, ...secret } = await give().finally(() => {
      if (claim.decided) nudge()
    })
    const { name: nodeName, role, taints } = seen
    const forOneAttempt = { attempt: attempt.number, nodeName, ...endpoint, expires: attempt.deadline }
    // given any, kubeadm would leave its own taint away; the server sets them when the Node is there
    const registersWith = role === 'worker' ? taints : undefined
    return {
      ...forOneAttempt,
      ...secret,
      ...(registersWith !== undefined && { taints: registersWith }),
      ...(sealed !== undefined && { sealed })
    }
  }

  async progress({ key }: Caller, { attempt, stage }: ProgressRequest): Promise<OwnEnrolment> {
    const { enrolments, nudge } = this.#parts
    const progress = deciding((current, now) => decideProgress(current, attempt, stage, now))
    const enrolment = await enrolments.changeOwn(key, progress.decide)
    if (progress.decided) nudge()
    return this.#view(enrolment)
  }

  /** Durable when it returns. Ready is confirmed by the reconciler, at the Kubernetes API. */
  async outcome({ key }: Caller, request: OutcomeRequest): Promise<OwnEnrolment> {
    const { enrolments, nudge } = this.#parts
    const outcome = deciding((current, now) =>
      request.outcome === 'ready'
        ? decideAgentReady(current, request.certificate, now)
        : decideFailed(current, request, now)
    )
    const enrolment = await enrolments.changeOwn(key, outcome.decide)
    await this.#settleSoon(enrolment)
    if (outcome.decided) nudge()
    return this.#view(enrolment)
  }

  async #view(enrolment: EnrolmentDocument): Promise<OwnEnrolment> {
    return ownView(await this.#parts.machines.withCheck(enrolment))
  }

  /** What must go is deleted now where that is possible, and by the sweep where it is not. */
  async #settleSoon(enrolment: EnrolmentDocument): Promise<void> {
    await this.#parts.credentials.settle(enrolment).catch(() => undefined)
  }
}

/** `decide`, and whether it decided anything: only a change is a reason to look at the cluster. */
const deciding = (decide: Decide): { decide: Decide; readonly decided: boolean } => {
  let decided = false
  return {
    decide: (enrolment, now) => {
      const decision = decide(enrolment, now)
      decided = decision !== undefined
      return decision
    },
    get decided() {
      return decided
    }
  }
}

/** Who is approved is who can open what is sealed. Throws `invalid-request` where the machine did not sign it itself. */
const requireOwnSealKey = async ({ sealKey }: Pick<EnrolRequest, 'sealKey'>, { key }: Caller): Promise<void> => {
  if (sealKey === undefined) return
  await readSealKey(sealKey, key).catch(() => {
    throw new ProblemError('invalid-request', { detail: 'the seal key is not signed with the key of the machine' })
  })
}

/** The code has a pattern: the server counts. */
const countsNames = (code: CodeDocument): code is CodeDocument & { name: string } =>
  code.name !== undefined && isNamePattern(code.name)
