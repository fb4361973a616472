import { type CodeRequest, escapeText, isNamePattern, isNetwork, ProblemError } from '@joinery/protocol'
import { requireNodeName } from './enrol.ts'
import { requireLabelsAndTaints } from './labels-and-taints.ts'

/** Throws where no machine could ever become what is asked for: `invalid-request`, `-name`, `-network`, `-label`, `-taint`. */
export const requirePossible = (request: CodeRequest): void => {
  const { name, role, uses = 1, from = [], labels = {}, taints = [] } = request
  if (name?.includes('{')) requirePattern(name)
  else if (name !== undefined) requireNodeName(name)
  if (uses > 1 && name !== undefined && !isNamePattern(name)) {
    throw new ProblemError('invalid-name', {
      detail: `${name} is the name of one machine, and the code is for ${uses}`,
      remedy: 'give a name with {n} for a number, like worker-{n}, or none'
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
  // each one is known by its key before it gets the keys of the cluster
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
    detail: `"${escapeText(name).slice(0, 300)}" is no pattern of names: a node name with one {n} for a number, like worker-{n}`
  })
}
