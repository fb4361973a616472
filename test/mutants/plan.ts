import type { Mutant } from './mutant.ts'

const steps = { file: 'packages/agent/src/plan/plan.ts', killedBy: ['packages/agent/test/plan/plan.test.ts'] }
const recovery = {
  file: 'packages/agent/src/plan/recovery.ts',
  killedBy: ['packages/agent/test/plan/recovery.test.ts']
}
const ownEarlierJoin = {
  file: 'packages/agent/src/plan/own-earlier-join.ts',
  killedBy: ['packages/agent/test/plan/own-earlier-join.test.ts']
}

/** What the agent does next, and what it never takes back. */
export const plan: readonly Mutant[] = [
  {
    ...steps,
    name: 'claim-by-an-old-look',
    text: "step.do === 'claim-and-join' && !isFresh(situation)",
    instead: 'false',
    rule: 'a claim carries what was found just now'
  },
  {
    ...steps,
    name: 'look-that-lasts-longer',
    text: 'observationAge <= preflightLasts',
    instead: 'observationAge <= preflightLasts + 1',
    rule: 'a look at the machine is good for its time, to the millisecond'
  },
  {
    ...steps,
    name: 'claim-before-a-survey',
    text: 'if (surveyDue && isOnItsWay(enrolment))',
    instead: 'if (false)',
    rule: 'no claim goes out before the server was asked what only it can tell'
  },
  {
    ...steps,
    name: 'claim-of-a-failing-machine',
    text: "      if (!passes(preflight)) return { do: 'wait', seconds: 10, reason: enrolment.message }\n",
    instead: '',
    rule: 'a machine that cannot become a good node does not claim'
  },
  {
    ...steps,
    name: 'next-attempt-at-once',
    text: "if (enrolment.state === 'approved' && situation.nextAttemptIn > 0)",
    instead: 'if (false)',
    rule: 'after a failure the agent waits before it claims again'
  },
  {
    ...steps,
    name: 'control-plane-without-a-grant',
    text: 'if (hasOpenAttempt(enrolment) || enrolment.granted) return undefined',
    instead: 'return undefined',
    rule: 'a control plane claims when root has granted it'
  },
  {
    ...steps,
    name: 'earlier-join-taken-back-by-a-wrong-code',
    text: "(code === undefined && typeof enrolment === 'object' && isBeforeClaim(enrolment))",
    instead: 'true',
    rule: 'an earlier join goes when a server has taken the new code, not before'
  },
  {
    ...steps,
    name: 'rejected-while-it-runs',
    text: "if (attempt !== undefined && attempt.failure === undefined) return { do: 'close' }",
    instead: '',
    rule: 'who was rejected closes the join that it began',
    killedBy: [...steps.killedBy, 'test/journeys/worker/agent-decisions.test.ts']
  },
  {
    ...steps,
    name: 'keys-of-the-cluster-left-behind',
    text: 'attempt?.controlPlane === undefined ? undefined : planJoin(situation)',
    instead: 'undefined',
    rule: 'neither a member of etcd nor the keys of the cluster stay behind',
    killedBy: [...steps.killedBy, 'test/journeys/control-plane/agent-control-plane-cut.test.ts']
  },
  {
    ...steps,
    name: 'join-after-the-rest',
    text: 'planEnd(situation) ?? planJoin(situation) ?? planObservation(situation)',
    instead: 'planEnd(situation) ?? planObservation(situation) ?? planJoin(situation)',
    rule: 'a join that this agent began comes before everything else'
  },
  {
    ...recovery,
    name: 'reset-before-it-is-reported',
    text: "    if (!attempt.reported) return { do: 'report-failed', attempt: number, failure }\n",
    instead: '',
    rule: 'a failure is reported before anything is taken back'
  },
  {
    ...recovery,
    name: 'reset-of-somebody-elses-join',
    text: "return isOurs(attempt, join) ? { do: 'reset' } : undefined",
    instead: "return { do: 'reset' }",
    rule: 'a join that the agent did not begin is never reset'
  },
  {
    ...recovery,
    name: 'join-of-before-the-reboot',
    text: "  if (!sameBoot) return { do: 'close', failure: interrupted(attempt) }\n",
    instead: '',
    rule: 'a reboot during the join ends the attempt'
  },
  {
    ...recovery,
    name: 'attempt-that-is-over-goes-on',
    text: 'hasOpenAttempt(enrolment) && enrolment.attempt === attempt',
    instead: 'hasOpenAttempt(enrolment)',
    rule: 'only the attempt that the server has open is begun'
  },
  {
    ...recovery,
    name: 'attempt-in-a-state-that-is-not-known',
    text: 'if (isUnknown(enrolment))',
    instead: 'if (false)',
    rule: 'in a state that a newer server made an agent waits'
  },
  {
    ...recovery,
    name: 'member-left-in-etcd',
    text: "    if (mayBeInEtcd(attempt) && isOurs(attempt, join)) return { do: 'leave-etcd' }\n",
    instead: '',
    rule: 'a member leaves etcd before another one may come'
  },
  {
    ...recovery,
    name: 'reset-of-a-ready-node',
    text: '  if (node?.ready) return `the Node ${name} is Ready`\n',
    instead: '',
    rule: 'a Ready node is never reset'
  },
  {
    ...recovery,
    name: 'reset-of-a-node-nobody-knows-of',
    text: 'if (node?.unknown) return',
    instead: 'if (false) return',
    rule: 'a node of which it is not known whether it is Ready is not reset'
  },
  {
    ...recovery,
    name: 'reset-while-kubeadm-works',
    text: "  if (join.unit === 'running') return 'kubeadm is at work'\n",
    instead: '',
    rule: 'nothing is reset while kubeadm is at work'
  },
  {
    ...recovery,
    name: 'reset-of-what-has-not-failed',
    text: 'if (attempt.failure === undefined) return `attempt ${attempt.number} has not failed`',
    instead: '',
    rule: 'only an attempt that failed is taken back'
  },
  {
    ...ownEarlierJoin,
    name: 'taking-back-another-certificate',
    text: '  if (!isOwnEarlierJoin(journal, join)) return',
    instead: '  if (false) return',
    rule: 'an earlier join is taken back only where nobody has joined the machine since'
  },
  {
    ...ownEarlierJoin,
    name: 'taking-back-without-a-new-code',
    text: "  if (accepted) return 'this machine was not given a new code'\n",
    instead: '',
    rule: 'a join that was accepted stays'
  },
  {
    file: 'packages/agent/src/plan/policy.ts',
    name: 'mending-before-the-code-is-known',
    text: "remediate ?? (enrolled ? (code?.remediate ?? 'safe') : undefined)",
    instead: "remediate ?? code?.remediate ?? 'safe'",
    rule: 'nothing is mended before the agent knows what its code says',
    killedBy: ['packages/agent/test/plan/policy.test.ts', 'test/journeys/worker/agent-mends.test.ts']
  },
  {
    file: 'packages/agent/src/plan/policy.ts',
    name: 'code-over-the-machine',
    text: "remediate ?? (enrolled ? (code?.remediate ?? 'safe') : undefined)",
    instead: "enrolled ? (code?.remediate ?? remediate ?? 'safe') : remediate",
    rule: 'what the machine says of mending comes before the code',
    killedBy: ['packages/agent/test/plan/policy.test.ts']
  }
]
