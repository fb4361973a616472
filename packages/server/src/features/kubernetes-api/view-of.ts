import { type Check, isNodeName, shortFingerprint } from '@joinery/protocol'
import { type EnrolmentView, viewLimit } from '@joinery/protocol/door'
import { given } from '@joinery/protocol/given'
import { describe } from '../../core/enrolment/decision/describe.ts'
import { credentialOf } from '../../core/enrolment/facts/attempts.ts'
import { serviceView } from '../../core/enrolment/facts/node.ts'
import { shownRevision } from '../../core/enrolment/facts/shown.ts'
import { recoveryView } from '../../core/enrolment/recovery/recovery-view.ts'
import { restoredView } from '../../core/enrolment/restored-view.ts'
import { tame } from '../../core/ports/cluster/bounded-text.ts'
import type { EnrolmentDocument } from '../../core/ports/store/documents/enrolment-document.ts'
import { enrolmentConditions, observed } from './conditions.ts'

/** Things that a view shows beside the enrolment's own document. None of them depends on the time of the look. */
export interface Beside {
  /** The other enrolment that has the wanted name, in words. */
  nameConflict: string | undefined
  /** When the clock ends the state. */
  expires: Date | undefined
}

/**
 * The view of an enrolment that Kubernetes shows: what an approver needs to see, in at most `viewLimit` bytes. It has no token id,
 * no attempt number, no ciphertext and no secret. What a heartbeat changes in the document changes nothing here.
 */
export const viewOf = (enrolment: EnrolmentDocument, { nameConflict, expires }: Beside): EnrolmentView => {
  const { state, name, role, key, address, code, created, since, facts, preflight, node } = enrolment
  const { seen: conflicts } = enrolment.conflict
  const { labels = {}, taints, policy, recover } = enrolment.terms
  const { cause } = enrolment.diagnosis
  const { inService, notYet } = serviceView(enrolment)
  const restored = restoredView(enrolment)
  const message = tame(describe(enrolment, { names: true, steady: true }), 256)
  const view: EnrolmentView = {
    state,
    message,
    conditions: enrolmentConditions(enrolment, message),
    name: isNodeName(name) ? name : tame(name, 253),
    role,
    revision: shownRevision(enrolment),
    key,
    keyShort: key === '' ? '' : shortFingerprint(key),
    address: tame(address, 45),
    code: tame(code, 64),
    credential: credentialOf(enrolment.terms),
    created,
    since,
    ...given({ expires: expires?.toISOString() }),
    machine: {
      os: tame(facts.os, 64),
      arch: tame(facts.arch, 32),
      cpus: facts.cpus,
      memory: facts.memory,
      serial: tame(facts.serial, 64),
      kubelet: tame(facts.kubelet, 32)
    },
    preflight: { fail: namesOf(preflight, 'fail'), warn: namesOf(preflight, 'warn') },
    conflicts: conflicts.length,
    ...given({ nameConflict: nameConflict && tame(nameConflict, 128) }),
    labels,
    ...(taints !== undefined && taints.length > 0 && { taints }),
    ...given({ policy: policy && { ...policy, ignore: policy.ignore.slice(0, checksAtMost).map(checkName) }, recover }),
    ...given({ restored: restored && { ...restored, by: tame(restored.by, 64) } }),
    ...given({ inService, notYet: notYet?.map((text) => tame(text, 160)), recovery: recoveryPart(enrolment) }),
    ...(node !== undefined && { node: { uid: node.uid, condition: node.condition } }),
    ...(cause !== undefined && { cause: { code: cause.code, text: tame(cause.text, 128) } })
  }
  return withinLimit(view)
}

/** The way back as far as an approver needs it. Undefined if there is none now, and nothing keeps the machine from one. */
const recoveryPart = (enrolment: EnrolmentDocument): EnrolmentView['recovery'] => {
  const recovery = recoveryView(enrolment)
  if (recovery === undefined || recovery.state === 'over') return undefined
  const { state, why, asked, lastSeen, notReadySince, addressBefore, changed } = recovery
  return {
    state,
    addressBefore: tame(addressBefore, 45),
    changed: changed.slice(0, 8),
    ...given({
      certificate: asked?.reason,
      notAfter: asked?.notAfter,
      lastSeen: lastSeen?.notAfter,
      notReadySince,
      address: asked && tame(asked.address, 45),
      why: why && tame(why, 160)
    })
  }
}

/** Most names of checks, as the schema has it. */
const checksAtMost = 40

const namesOf = (preflight: readonly Check[], verdict: Check['verdict']): string[] =>
  preflight
    .filter((check) => check.verdict === verdict)
    .slice(0, checksAtMost)
    .map(({ name }) => checkName(name))

const checkName = (name: string): string => name.slice(0, 64).replace(/[^a-z0-9-]/g, '-')

const note = 'cut; see joinery show'

/** Things that a view does without if it is too long, one after the other. The first ones are needed least. */
const cuts: readonly ((view: EnrolmentView) => EnrolmentView)[] = [
  ({ recovery, ...view }) =>
    recovery === undefined
      ? view
      : { ...view, recovery: { ...recovery, ...given({ why: recovery.why && shortened(recovery.why, 48) }) } },
  ({ labels, ...view }) => view,
  ({ taints, ...view }) => view,
  ({ notYet, ...view }) => ({ ...view, ...given({ notYet: notYet?.slice(0, 3).map((text) => shortened(text, 96)) }) }),
  (view) => withIgnored(view, 10),
  (view) => withChecks(view, 10, 3),
  (view) => withChecks(view, 5, 0),
  (view) => ({ ...view, message: `${shortened(view.message, 96)} (${note})` }),
  (view) => withMachine(view, 16),
  ({ nameConflict, ...view }) => ({ ...view, ...given({ nameConflict: nameConflict && shortened(nameConflict, 48) }) }),
  ({ cause, ...view }) => ({ ...view, ...given({ cause: cause && { ...cause, text: shortened(cause.text, 48) } }) }),
  (view) => withChecks(withIgnored(view, 2), 2, 0),
  ({ notYet, ...view }) => ({ ...view, ...given({ notYet: notYet?.slice(0, 1) }) }),
  (view) => ({ ...view, name: shortened(view.name, 128) }),
  // a character that JSON escapes takes two bytes: nobody but a machine that wants to be too long comes here
  ({ nameConflict, cause, restored, notYet, recovery, ...view }) => ({
    ...withMachine(withChecks(withIgnored(view, 0), 1, 0), 8),
    name: shortened(view.name, 32),
    address: shortened(view.address, 24),
    message: `${shortened(view.message, 32)} (${note})`,
    ...given({
      nameConflict: nameConflict && shortened(nameConflict, 16),
      cause: cause && { ...cause, text: shortened(cause.text, 16) },
      // what waits for an approval again is not on the way back
      restored: recovery === undefined ? restored && { ...restored, by: shortened(restored.by, 16) } : undefined,
      notYet: notYet?.map((text) => shortened(text, 16)),
      recovery: recovery && {
        ...recovery,
        addressBefore: shortened(recovery.addressBefore, 24),
        ...given({
          why: recovery.why && shortened(recovery.why, 16),
          address: recovery.address && shortened(recovery.address, 24)
        })
      }
    })
  })
]

/** The view without the messages of its conditions: `message` says the same. */
const withoutMessages = ({ conditions, ...view }: EnrolmentView): EnrolmentView => ({
  ...view,
  ...given({ conditions: conditions?.map((one) => ({ ...one, message: '' })) })
})

const withinLimit = (view: EnrolmentView): EnrolmentView => {
  if (bytesOf(view) <= viewLimit) return view
  let cut = withoutMessages(view)
  for (const next of cuts) {
    if (bytesOf(cut) <= viewLimit) break
    cut = next(cut)
    if (!cut.message.endsWith(`(${note})`)) cut = { ...cut, message: `${shortened(cut.message, 232)} (${note})` }
  }
  return cut
}

const withMachine = ({ machine, ...view }: EnrolmentView, characters: number): EnrolmentView => {
  const { os, arch, serial, kubelet } = machine
  const texts = Object.entries({ os, arch, serial, kubelet }).map(([name, text]) => [name, shortened(text, characters)])
  return { ...view, machine: { ...machine, ...Object.fromEntries(texts) } }
}

const withChecks = (view: EnrolmentView, failing: number, warning: number): EnrolmentView => {
  const { fail, warn } = view.preflight
  return { ...view, preflight: { fail: fail.slice(0, failing), warn: warn.slice(0, warning) } }
}

const withIgnored = ({ policy, ...view }: EnrolmentView, most: number): EnrolmentView => ({
  ...view,
  ...given({ policy: policy && { ...policy, ignore: policy.ignore.slice(0, most) } })
})

/** The text cut to so many characters. It is escaped already. */
const shortened = (text: string, characters: number): string =>
  text.length <= characters ? text : text.slice(0, characters).replace(/\\u?\{?[0-9a-f]*$/, '')

/** A generation of more digits than the server makes any object have. */
const longGeneration = 9_999_999

/** Bytes of the view with all that the server writes into it. */
const bytesOf = (view: EnrolmentView): number => Buffer.byteLength(JSON.stringify(observed(view, longGeneration)))
