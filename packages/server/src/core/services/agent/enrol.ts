import {
  type EnrolRequest,
  hasEnded,
  hashCode,
  isNamePattern,
  type OwnEnrolment,
  ProblemError,
  parseCode
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { InTurn } from '../../base/in-turn.ts'
import type { Random } from '../../base/random.ts'
import type { Enrolments } from '../../commit/enrolments.ts'
import type { UniqueMachines } from '../../commit/unique-machines.ts'
import type { Credentials } from '../../credentials/credentials.ts'
import { decideSecondKey } from '../../enrolment/decision/conflict.ts'
import { entry } from '../../enrolment/decision/decision.ts'
import { enrolmentFor, usesOf, withUse } from '../../enrolment/facts/shown.ts'
import { freeName } from '../../enrolment/name/free-name.ts'
import { type Answer, judgeCode, type Knock, newEnrolment, requireNodeName } from '../../enrolment/verbs/enrol.ts'
import type { ClusterNode, Nodes } from '../../ports/cluster/nodes.ts'
import type { CodeDocument } from '../../ports/store/documents/code-document.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import type { Names } from '../../ports/store/names.ts'
import { type Caller, judgeSighting, type NoteParts, noteRefusal, readOwnView, requireOwnSealKey } from './sighting.ts'

export interface EnrolParts extends EnrolFirstParts, UsedCodeParts {}

interface Enrolled<E> {
  /** False for a repetition. */
  created: boolean
  enrolment: E
}

/** The first key that uses a code owns it, or one of its uses; that key may repeat itself. */
export const enrol = (parts: EnrolParts) => {
  const uses = new InTurn()
  return async (caller: Caller, request: EnrolRequest): Promise<Enrolled<OwnEnrolment>> => {
    await requireOwnSealKey(request, caller)
    const canonical = parseCode(request.code)
    const code = typeof canonical === 'string' ? await parts.store.codeByHash(hashCode(canonical)) : undefined
    // a name that no code accepts tells nothing of this code; a code that names its machine leaves a trace of who asks
    if (code?.name === undefined) requireNodeName(request.name)
    if (code === undefined) throw new ProblemError('code-not-accepted')
    // a fleet that boots at once would race for the one document of its code, and one machine a round would win
    const { created, enrolment } = await uses.do(code.id, () => use(parts, code.id, { ...caller, request }))
    return { created, enrolment: await readOwnView(parts.machines, enrolment) }
  }
}

/** Judges the code and acts on the verdict, and does both again if somebody else was faster. */
const use = async (parts: EnrolParts, id: string, knock: Knock): Promise<Enrolled<EnrolmentDocument>> => {
  const { store } = parts
  for (;;) {
    const code = await store.code(id)
    if (code === undefined) throw new ProblemError('code-not-accepted')
    const behind = enrolmentFor(code, knock.key)
    const used = behind === undefined ? undefined : await store.enrolment(behind)
    // both were forgotten since the code was read: it must not be open again
    if (behind !== undefined && used === undefined) throw new ProblemError('code-not-accepted')
    switch (await judge(parts, code, used, knock)) {
      case 'again':
        return { created: false, enrolment: await enrolAgain(parts, code, used as EnrolmentDocument, knock) }
      case 'conflict':
        await freezeForSecondKey(parts, code, used as EnrolmentDocument, knock)
        throw new ProblemError('code-not-accepted')
      case 'spent':
        await noteRefusal(parts, code, { event: 'quota', reason: `all ${usesOf(code)} uses are taken` }, knock)
        throw new ProblemError('code-not-accepted')
      case 'elsewhere':
        await noteRefusal(
          parts,
          code,
          { event: 'refused', reason: `its address is not in ${code.from?.join(', ')}` },
          knock
        )
        throw new ProblemError('code-not-accepted')
      case 'open': {
        const enrolment = await enrolFirst(parts, code, knock)
        if (enrolment !== undefined) return { created: true, enrolment }
      }
    }
  }
}

/** Judges the code. One that is over is refused, and its timeline says that it came before the machine is answered. */
const judge = async (
  parts: EnrolParts,
  code: CodeDocument,
  used: EnrolmentDocument | undefined,
  caller: Caller
): Promise<Answer> => {
  try {
    return judgeCode(code, used, caller, parts.clock.now())
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    await noteRefusal(parts, code, { event: 'refused', reason: error.message }, caller)
    throw error
  }
}

interface NameParts extends NoteParts {
  names: Pick<Names, 'isNamed' | 'takenNames'>
}

interface EnrolFirstParts extends NameParts {
  cluster: Pick<Nodes, 'nodes'>
  random: Random
  enrolments: Enrolments
  /** The Nodes of the cluster as they were seen last; undefined if they were not seen yet. */
  nodes: () => readonly ClusterNode[] | undefined
}

/** Uses the code and makes the enrolment in one commit; undefined if somebody else was faster. */
const enrolFirst = async (
  parts: EnrolFirstParts,
  code: CodeDocument,
  knock: Knock
): Promise<EnrolmentDocument | undefined> => {
  const { random, clock, enrolments } = parts
  const { key, address, request } = knock
  const counted = countsNames(code) ? freeName(code.name, await takenNames(parts)) : undefined
  const name = counted ?? code.name ?? (await requireAskedName(parts, code, request.name, knock))
  const now = clock.now()
  const enrolment = newEnrolment({ id: random.id(), name }, code, knock, now)
  const enrolled = entry(now, 'agent', 'enrol', `key ${key} from ${address}, code ${code.id}`)
  const used = entry(now, 'agent', 'used', `by key ${key} from ${address}, enrolment ${enrolment.id}`)
  return enrolments.commit(
    { enrolment, entries: [enrolled] },
    {
      codes: [withUse(code, { key, enrolment: enrolment.id })],
      entries: [{ subject: code.id, entry: used }],
      ...(counted === undefined ? {} : { unclaimed: [counted] })
    }
  )
}

/** The names that enrolments have, and the Nodes as they were seen last. */
const takenNames = async ({ names, nodes, cluster, clock }: EnrolFirstParts): Promise<Set<string>> => {
  const seen = nodes() ?? (await cluster.nodes())
  return (await names.takenNames(clock.now())).union(new Set(seen.map(({ name }) => name)))
}

interface UsedCodeParts extends NameParts {
  enrolments: Enrolments
  machines: UniqueMachines
  credentials: Pick<Credentials, 'settleSoon'>
}

/**
 * Answers a key that comes again with its code. A name that was counted stays: it is the server's, whatever the machine calls
 * itself.
 */
const enrolAgain = async (
  parts: UsedCodeParts,
  code: CodeDocument,
  used: EnrolmentDocument,
  knock: Knock
): Promise<EnrolmentDocument> => {
  const { code: _, name: asked, ...observation } = knock.request
  const known = countsNames(code) || asked === used.name ? used.name : code.name
  const name = known ?? (await requireAskedName(parts, code, asked, knock))
  const sighting = { address: knock.address, ...given({ version: knock.version }), name, observation }
  return parts.enrolments.change(used.id, await judgeSighting(parts.machines, sighting))
}

/**
 * Freezes the enrolment behind a code for one machine because another key came with the code, unless the enrolment has ended.
 */
const freezeForSecondKey = async (
  parts: UsedCodeParts,
  code: CodeDocument,
  used: EnrolmentDocument,
  { key, address, request }: Knock
): Promise<void> => {
  if (hasEnded(used)) {
    const reason = `its enrolment ${used.id} is ${used.state}`
    return noteRefusal(parts, code, { event: 'conflict', reason }, { key, address })
  }
  const { facts, joinKey, sealKey } = request
  const reason = `the code was presented by a second key, ${key}, from ${address}`
  const frozen = await parts.enrolments.change(used.id, (enrolment, now) =>
    decideSecondKey(
      enrolment,
      {
        key,
        address,
        at: now.toISOString(),
        facts,
        ...given({ joinKey, sealKey })
      },
      reason,
      now
    )
  )
  await parts.credentials.settleSoon(frozen)
}

/** Throws if another code names the name: it is for the machine that comes with that code, not for anybody who asks. */
const requireAskedName = async (
  parts: NameParts,
  code: CodeDocument,
  asked: string,
  caller: Caller
): Promise<string> => {
  const { names, clock } = parts
  const name = requireNodeName(asked)
  if (!(await names.isNamed(name, clock.now()))) return name
  await noteRefusal(parts, code, { event: 'refused', reason: 'another code names the name', name }, caller)
  throw new ProblemError('invalid-name', {
    detail: `${name} is for the machine with the code that names it`,
    remedy: `set another \`name\` in /etc/joinery/agent.yaml, or give the machine a code of that name: joinery code create --name ${name}`
  })
}

/** True if the code has a pattern: the server counts names. */
const countsNames = (code: CodeDocument): code is CodeDocument & { name: string } =>
  code.name !== undefined && isNamePattern(code.name)
