import type { Cause } from '@joinery/protocol'
import type { NodeCondition } from '../../../core/ports/cluster/node-sight.ts'
import type { Reading, Reported } from './reading.ts'
import { causeOf, command, describeNode, inWords, onMachine } from './told.ts'

/**
 * Longest age in milliseconds of a Lease that was renewed in time: a kubelet renews it each 10 s, and after 50 s the control plane
 * takes the Node for lost.
 */
export const leaseFresh = 50_000

/** Longest age of a Lease that the control plane may not have noticed yet. An older one of a Node that it hears is a wrong clock. */
const leaseUnnoticed = 5 * 60_000

/** Longest time in milliseconds for which a report of a machine shows that the machine reaches the pairing server. */
const reportFresh = 2 * 60_000

/** Longest difference of two clocks that nobody minds. */
const clocksMayDiffer = 60_000

export const conditionOf = ({ node }: Pick<Reading, 'node'>, wanted: string): NodeCondition | undefined =>
  node.conditions.find(({ type }) => type === wanted)

/** Milliseconds since the kubelet renewed its Lease, by the cluster's clock. Undefined if nobody knows. */
export const leaseAge = ({ pods }: Pick<Reading, 'pods'>, now: Date): number | undefined =>
  pods?.renewed === undefined ? undefined : now.getTime() - pods.renewed.getTime()

/** True if the kubelet is heard: it renewed its Lease in time. False if nobody knows. */
export const isHeard = (reading: Reading, now: Date): boolean => {
  const age = leaseAge(reading, now)
  return age !== undefined && Math.abs(age) <= leaseFresh
}

/**
 * True if the kubelet is not heard any more. What the cluster shows of such a Node is of before, also the status of its Pods. A control
 * plane may notice it sooner than by default (`--node-monitor-grace-period`): its word counts until the Lease is renewed.
 */
export const isSilent = (reading: Reading, now: Date): boolean => {
  const ready = conditionOf(reading, 'Ready')
  const isLost = ready?.status === 'Unknown'
  if (isHeard(reading, now)) return isLost && !renewedAfter(reading, ready.since)
  const age = leaseAge(reading, now)
  return isLost || (age !== undefined && age > leaseFresh && age <= leaseUnnoticed)
}

/**
 * True if a kubelet that was silent is heard again, and has not said yet how its Node is. It renews its Lease at once, and writes the
 * status of Node and Pods up to 10 s later: what the cluster shows of them is still of before.
 */
export const hasComeBack = (reading: Reading, now: Date): boolean => {
  const ready = conditionOf(reading, 'Ready')
  return ready?.status === 'Unknown' && isHeard(reading, now) && renewedAfter(reading, ready.since)
}

/** The cause for the seconds until a kubelet that is heard again has said how its Node is. */
export const judgeReturn = ({ name, pods }: Reading): Cause =>
  causeOf('kubelet-says', 'the kubelet is heard again, and has not said yet how its Node is', {
    since: pods?.renewed,
    evidence: [`Lease ${name}: renewed at ${pods?.renewed?.toISOString()}`],
    remedy: [describeNode(name), onMachine]
  })

const renewedAfter = ({ pods }: Pick<Reading, 'pods'>, since: Date | undefined): boolean =>
  pods?.renewed === undefined || since === undefined || pods.renewed > since

/** Causes for which the kubelet of a Node is not heard. */
export const judgeSilence = (reading: Reading, now: Date, reported: Reported | undefined): Cause[] => {
  const { name, pods, knock, certificateExpires } = reading
  const ready = conditionOf(reading, 'Ready')
  const since = pods?.renewed ?? ready?.written ?? ready?.since
  const age = leaseAge(reading, now)
  const evidence = [
    age === undefined ? undefined : `Lease ${name}: not renewed for ${inWords(age)}`,
    ready === undefined ? undefined : `Node ${name}: Ready ${ready.status}: ${ready.reason}: ${ready.message}`,
    knock === undefined ? undefined : `TCP port 10250 at ${knock.address}: ${answers[knock.answer]}`
  ]
  const said = reported !== undefined && now.getTime() - Date.parse(reported.at) <= reportFresh
  const isOver = certificateExpires !== undefined && certificateExpires < now
  const causes: Cause[] = []
  if (isOver) {
    causes.push(
      causeOf(
        'certificate-over',
        `the kubelet's certificate ended at ${certificateExpires.toISOString()}, as the server knows it`,
        {
          since: certificateExpires,
          evidence,
          remedy: [
            onMachine,
            '# on the machine: openssl x509 -enddate -noout -in /var/lib/kubelet/pki/kubelet-client-current.pem'
          ]
        }
      )
    )
  }
  return [...causes, unheard(reading, { since, evidence, said: said ? reported.at : undefined })]
}

interface Unheard {
  since: Date | undefined
  evidence: readonly (string | undefined)[]
  /** Time of a fresh report of the machine. */
  said: string | undefined
}

/** The cause by what else is heard of the machine: an answer to a knock, or its agent at the pairing server. */
const unheard = (reading: Reading, { since, evidence, said }: Unheard): Cause => {
  const { name, node, knock, isPolling = false } = reading
  if (knock?.answer === 'refused') {
    const text = 'the machine is up, and nothing listens on the port of its kubelet'
    const remedy = ['# on the machine, as root: systemctl status kubelet', onMachine]
    return causeOf('kubelet-off', text, { since, evidence, remedy })
  }
  const speaks = isPolling || said !== undefined
  if (knock?.answer === 'open' || speaks) {
    const text = speaks
      ? 'the machine reaches the pairing server, and its kubelet does not reach the API server'
      : 'the kubelet runs, and does not reach the API server'
    const polls = isPolling ? 'the machine waits at the pairing server now' : undefined
    const spoke = said === undefined ? undefined : `the machine spoke to the pairing server at ${said}`
    const remedy = [
      '# on the machine: curl --cacert /etc/kubernetes/pki/ca.crt https://API-SERVER:6443/livez',
      onMachine
    ]
    return causeOf('api-unreachable', text, { since, evidence: [...evidence, polls, spoke], remedy })
  }
  const text =
    knock === undefined
      ? 'nothing is heard of the machine'
      : 'nothing is heard of the machine: it is off, or cut off from this network'
  const look = '# look whether the machine is on, and at its console'
  const remedy = [describeNode(name), look, command('joinery', 'show', name)]
  return causeOf('machine-silent', text, { since: since ?? node.created, evidence, remedy })
}

const answers = {
  open: 'open, so a kubelet runs there',
  refused: 'refused, so the machine is up and no kubelet listens',
  'no-answer': 'no answer'
} as const

/** The clock of a machine that is wrong, as the Lease shows it. */
export const judgeClock = (reading: Reading, now: Date): Cause[] => {
  const { name } = reading
  const age = leaseAge(reading, now)
  if (age === undefined) return []
  const remedy = ['# on the machine: timedatectl', '# on the machine, as root: timedatectl set-ntp true']
  const evidence = [
    `Lease ${name}: renewed at ${reading.pods?.renewed?.toISOString()}; the API server has ${now.toISOString()}`
  ]
  if (age < -clocksMayDiffer) {
    return [
      causeOf('clock-wrong', `the clock of the machine is ${inWords(-age)} ahead of the API server's`, {
        evidence,
        remedy
      })
    ]
  }
  // the control plane would have noticed by now that nothing is heard
  const status = conditionOf(reading, 'Ready')?.status
  if (age > leaseUnnoticed && (status === 'True' || status === 'False')) {
    return [
      causeOf('clock-wrong', `the clock of the machine is ${inWords(age)} behind the API server's`, {
        evidence,
        remedy
      })
    ]
  }
  return []
}
