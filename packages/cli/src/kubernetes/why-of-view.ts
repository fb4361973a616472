import type { SeenEnrolmentDetail, SeenWhy } from '../operator-client.ts'

/** The part of the reason that the view of an enrolment has: the likeliest cause, without its evidence. */
export const whyOfView = ({ name, state, message, node, cause }: SeenEnrolmentDetail, now: Date): SeenWhy => {
  const at = now.toISOString()
  if (node?.condition === 'Ready') return { name, at, ready: true, summary: `Node ${name} is Ready.`, causes: [] }
  const summary =
    node === undefined || node.condition === 'Gone'
      ? `Node ${name} is not in the cluster. The enrolment is ${state}: ${message}.`
      : `Node ${name} is not Ready: ${cause?.text ?? 'no cause is known yet'}.`
  return {
    name,
    at,
    ready: false,
    summary,
    causes: cause === undefined ? [] : [{ ...cause, evidence: [], remedy: [] }],
    unseen: [elsewhere]
  }
}

const elsewhere =
  "Kubernetes shows only the likeliest cause; evidence, commands and other causes: sudo joinery why on the pairing server's host, or joinery-agent why on the machine"
