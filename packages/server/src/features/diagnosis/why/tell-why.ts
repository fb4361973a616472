import { type Cause, type CauseCode, hasJoined, rankCauses, type Why } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { describe } from '../../../core/enrolment/decision/describe.ts'
import type { EnrolmentDocument } from '../../../core/ports/store/documents/enrolment-document.ts'
import type { Judged } from './judge-causes.ts'
import type { Reading } from './reading.ts'
import { asClaimed } from './reported.ts'
import { conditionOf } from './silence.ts'
import { inWords, line } from './told.ts'

/** The answer about an enrolment whose Node is there. `now`: by the cluster's clock. */
export const tellWhy = (enrolment: EnrolmentDocument, reading: Reading, { causes, unseen }: Judged, now: Date): Why => {
  const { name, withoutAgent } = enrolment
  const { reported } = enrolment.diagnosis
  const condition = conditionOf(reading, 'Ready')
  if (condition?.status === 'True') {
    const failing = causes.filter(failsThoughReady)
    const summary = line(
      `Node ${name} is Ready${failing[0] === undefined ? '' : `, but ${failing[0].text}`}.`,
      summaryAtMost
    )
    return { name, at: now.toISOString(), ready: true, summary, causes: failing }
  }
  const silent = reported === undefined && !withoutAgent ? [nothingSaid] : []
  return {
    name,
    at: now.toISOString(),
    ready: false,
    summary: summaryOf(name, condition?.since ?? reading.node.created, causes, now),
    causes,
    ...given({ machine: reported?.at }),
    ...([...silent, ...unseen].length > 0 && { unseen: [...silent, ...unseen] })
  }
}

/** Causes that a Node which is Ready can have: the runtime has a network as soon as a plugin has left its configuration, whatever fails then. */
const besideReady: ReadonlySet<CauseCode> = new Set<CauseCode>([
  'pod-cidr-missing',
  'plugin-image',
  'kube-proxy-failing',
  'plugin-failing',
  'pod-image',
  'pod-failing'
])

/** Holds for causes that the cluster shows now. A machine said its own while its Node was not Ready. */
const failsThoughReady = ({ code, from }: Cause): boolean => from === 'cluster' && besideReady.has(code)

/** The answer about an enrolment that has no Node, or not its own. The machine may have said why its kubelet brings none. */
export const tellNoNode = (enrolment: EnrolmentDocument, now: Date): Why => {
  const { name } = enrolment
  const { reported } = enrolment.diagnosis
  const gone = hasJoined(enrolment)
    ? `Node ${name} is not in the cluster any more`
    : `Node ${name} is not in the cluster yet`
  return {
    name,
    at: now.toISOString(),
    ready: false,
    summary: line(`${gone}. The enrolment: ${describe(enrolment, { names: true })}.`, summaryAtMost),
    causes: rankCauses((reported?.causes ?? []).map(asClaimed)),
    ...given({ machine: reported?.at })
  }
}

const summaryAtMost = 1024

const nothingSaid = 'the machine itself has said nothing: its agent is older than this, or does not run any more'

const summaryOf = (name: string, since: Date, causes: Judged['causes'], now: Date): string => {
  const [first, second, ...others] = causes
  const head = `Node ${name} has not been Ready for ${inWords(now.getTime() - since.getTime())}`
  if (first === undefined) return `${head}. No cause was found.`
  const evidence = first.evidence[0] === undefined ? '' : ` (${first.evidence[0]})`
  const also = second === undefined ? '' : ` Also: ${second.text}.`
  const more =
    others.length === 0 ? '' : ` ${others.length} more ${others.length === 1 ? 'cause is' : 'causes are'} listed.`
  return line(`${head}: ${first.text}${evidence}.${also}${more}`, summaryAtMost)
}
