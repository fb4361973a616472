import {
  type CodeRequest,
  checkRemedies,
  escapeText,
  isNamePattern,
  isNetwork,
  ProblemError,
  serverCheck
} from '@joinery/protocol'
import { requireGates } from '../decision/gates.ts'
import { requireLabelsAndTaints } from '../decision/labels-and-taints.ts'
import { requireNodeName } from '../verbs/enrol.ts'

/** Throws if no machine could ever become what is asked for: `invalid-request`, `-name`, `-network`, `-label`, `-taint`, `-gate`. */
export const requirePossible = (request: Omit<CodeRequest, 'ttl'>): void => {
  const { name, role, uses = 1, from = [], labels = {}, taints = [], readyWhen = [], policy } = request
  if (name?.includes('{')) requirePattern(name)
  else if (name !== undefined) requireNodeName(name, 'give a name like worker-1: --name NAME')
  if (uses > 1 && name !== undefined && !isNamePattern(name)) {
    throw new ProblemError('invalid-name', {
      detail: `${name} is the name of one machine, and the code is for ${uses}`,
      remedy: 'give a name with {n} for a number, like worker-{n}, or no name'
    })
  }
  for (const network of from) {
    if (!isNetwork(network)) {
      throw new ProblemError('invalid-network', {
        detail: `"${escapeText(network)}" is no network: an address and the length of its prefix, like 192.0.2.0/24`
      })
    }
  }
  requireLabelsAndTaints(labels, taints)
  requireGates(readyWhen, taints)
  requireChecks(policy?.ignore ?? [])
  // an operator must know each control plane by its key before it gets the keys of the cluster
  if (role === 'control-plane' && (uses > 1 || (name !== undefined && isNamePattern(name)))) {
    throw new ProblemError('invalid-request', {
      detail: 'a code for a control plane is for one machine',
      remedy: 'make a code for each one: joinery code create --role control-plane --name NAME'
    })
  }
}

const requirePattern = (name: string): void => {
  if (isNamePattern(name)) return
  throw new ProblemError('invalid-name', {
    detail: `"${escapeText(name).slice(0, 300)}" is no pattern of names: a node name with one {n} for a number`,
    remedy: 'give a pattern like worker-{n}: --name PATTERN'
  })
}

/**
 * Throws `invalid-request` if a check to ignore is unknown. Otherwise a typing error would be found only when the machine
 * fails.
 */
const requireChecks = (ignore: readonly string[]): void => {
  const known = [...Object.keys(checkRemedies), serverCheck]
  const unknown = ignore.filter((name) => !known.includes(name))
  if (unknown.length === 0) return
  throw new ProblemError('invalid-request', {
    detail: `no preflight check is called ${unknown.map((name) => `"${escapeText(name)}"`).join(', ')}`,
    remedy: `give one of ${known.join(', ')}`
  })
}
