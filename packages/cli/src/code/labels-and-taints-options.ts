import {
  escapeText,
  formatTaint,
  isSameTaint,
  type Labels,
  labelProblem,
  roleLabel,
  type Taint,
  type Taints,
  taintProblem
} from '@joinery/protocol'
import { type Command, InvalidArgumentError, Option } from 'commander'

/** Labels and taints for the Node of a machine. */
export interface LabelsAndTaintsOptions {
  label: Labels
  nodeRole: Labels
  taint: Taints
}

/** Their words are kubectl's; its commands for a Node that is there are not these options' business. */
export const addLabelsAndTaints = (command: Command): Command =>
  command
    .addOption(
      new Option('--label <key=value>', 'label for the Node; repeatable').default({}, 'none').argParser(labelOption)
    )
    .addOption(
      new Option('--taint <key=value:effect>', 'taint with which the Node registers; repeatable')
        .default([], 'none')
        .argParser(taintOption)
    )
    .addOption(
      new Option('--node-role <role>', 'role of the Node, as kubectl get nodes shows it; repeatable')
        .default({}, 'none')
        .argParser(roleOption)
    )

/** The labels and taints of a request. A role is a label. */
export const labelsAndTaints = ({ label, nodeRole, taint }: LabelsAndTaintsOptions) => {
  const labels = { ...nodeRole, ...label }
  return { ...(Object.keys(labels).length > 0 && { labels }), ...(taint.length > 0 && { taints: taint }) }
}

const labelOption = (text: string, before: Labels): Labels => {
  const [, key, value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? []
  if (key === undefined) throw new InvalidArgumentError('give KEY=VALUE; the value may be empty.')
  return withLabel(before, key, value)
}

const roleOption = (role: string, before: Labels): Labels => {
  if (role.includes('/')) throw new InvalidArgumentError('give the name of a role, like edge.')
  return withLabel(before, roleLabel(role), '')
}

const withLabel = (before: Labels, key: string, value: string): Labels => {
  refuse(labelProblem(key, value))
  if (Object.hasOwn(before, key) && before[key] !== value) refuse(`${key} was given another value before`)
  return { ...before, [key]: value }
}

const taintOption = (text: string, before: Taints): Taints => {
  const [, key, value = '', effect] = /^([^=:]*)(?:=([^:]*))?:([^:]*)$/.exec(text) ?? []
  if (key === undefined || effect === undefined) {
    throw new InvalidArgumentError('give KEY=VALUE:EFFECT, or KEY:EFFECT.')
  }
  refuse(taintProblem({ key, value, effect }))
  const taint = { key, value, effect } as Taint
  const same = before.find((one) => isSameTaint(one, taint))
  if (same !== undefined && same.value !== value) refuse(`${formatTaint(same)} was given before`)
  return same === undefined ? [...before, taint] : before
}

const refuse = (problem: string | undefined): void => {
  if (problem !== undefined) throw new InvalidArgumentError(`${escapeText(problem)}.`)
}
