import {
  asksForPods,
  escapeText,
  gateProblem,
  ProblemError,
  repeatedGate,
  startupTaint,
  type Taints,
  taintsAtMost
} from '@joinery/protocol'
import type { TermsDocument } from '../../ports/store/documents/enrolment-document.ts'

/** Most taints that a code with gates can give: the startup taint comes beside them. */
export const taintsBesideGates = taintsAtMost - 1

/** Throws `invalid-gate` if no code can have these gates, and `invalid-taint` if it has too many taints beside them. */
export const requireGates = (gates: readonly string[], taints: Taints): void => {
  for (const gate of gates) {
    const problem = gateProblem(gate)
    if (problem === undefined) continue
    throw new ProblemError('invalid-gate', { detail: `"${escapeText(gate).slice(0, 400)}" is no gate: ${problem}` })
  }
  const twice = repeatedGate(gates)
  if (twice !== undefined) throw new ProblemError('invalid-gate', { detail: `the gate ${twice} is given twice` })
  if (gates.length > 0 && taints.length > taintsBesideGates) {
    throw new ProblemError('invalid-taint', {
      detail: `a code with gates gives at most ${taintsBesideGates} taints, for ${startupTaint.key} comes beside them`
    })
  }
}

/** Throws `diagnosis-off` if a gate asks for Pods, and the server does not read them. */
export const requireReadable = (gates: readonly string[], diagnosis: boolean): void => {
  const gate = gates.find(asksForPods)
  if (diagnosis || gate === undefined) return
  throw new ProblemError('diagnosis-off', {
    detail: `the gate ${gate} asks for Pods, which this server reads only with diagnosis: on`,
    remedy:
      'on its host: set diagnosis: on in /etc/joinery/server.yaml; joinery-server setup --kubeconfig /etc/kubernetes/admin.conf; systemctl restart joinery-server'
  })
}

/** Taints that a Node gets when it joins: those of its code, and the startup taint if there are gates. */
export const wantedTaints = ({ taints = [], readyWhen }: Pick<TermsDocument, 'taints' | 'readyWhen'>): Taints =>
  readyWhen === undefined ? taints : [...taints, startupTaint]

/** Gates in words, for timelines. Empty if there are none. */
export const gatesText = ({ readyWhen = [] }: Pick<TermsDocument, 'readyWhen'>): string =>
  readyWhen.length === 0 ? '' : `in service when ${readyWhen.join(', ')}`
