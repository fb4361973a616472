import { type CodeRequest, escapeText, isNamePattern, isNetwork, ProblemError } from '@joinery/protocol'
import { requireNodeName } from './enrol.ts'
import { requireLabelsAndTaints } from './labels-and-taints.ts'

/** Throws where no machine could ever become what is asked for: `invalid-name`, `-network`, `-label` or `-taint`. */
export const requirePossible = ({ name, uses = 1, from = [], labels = {}, taints = [] }: CodeRequest): void => {
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
}

const requirePattern = (name: string): void => {
  if (isNamePattern(name)) return
  throw new ProblemError('invalid-name', {
    detail: `"${escapeText(name).slice(0, 300)}" is no pattern of names: a node name with one {n} for a number, like worker-{n}`
  })
}
