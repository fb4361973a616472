import { shellWord } from '@joinery/host/text/shell-word'
import type { FailureClass } from '@joinery/protocol'
import type { Failure } from '../../journal/journal.ts'
import { stages } from '../../journal/stages.ts'
import { checkRules, errorRules, kubeletRules, type Rule, resultRules } from './failure-rules.ts'

/** Facts about a failed join beside kubeadm's output. Neither is needed. */
export interface Traces {
  /** `Result` of the unit, in systemd's words. */
  result?: string
  /** The kubelet's last lines, without secrets. */
  kubelet?: readonly string[]
}

type Meaning = Required<Pick<Failure, 'class' | 'cause' | 'remedy'>>

/**
 * The failure of a join as the server is told it, within the protocol's limits: whose fault, in plain words, and what
 * to do. `output` is the output of `kubeadm join`.
 */
export const describeFailure = (output: readonly string[], { result = '', kubelet = [] }: Traces = {}): Failure => {
  const { class: whose, cause, remedy } = judge(output, result, kubelet)
  // the last lines of both, if both spoke
  const kept = [...output.slice(kubelet.length > 0 ? -10 : -20), ...kubelet.slice(-10)]
  return {
    class: whose,
    stage: stages(output).at(-1) ?? '',
    cause: oneLine(cause, 512),
    remedy: remedy.slice(0, 4).map((command) => oneLine(command, 256)),
    output: kept.map((line) => line.slice(0, 512))
  }
}

/** True if the join failed because of the kubelet, whose own log tells more. */
export const kubeletKnows = (output: readonly string[]): boolean =>
  find(errorRules, errors(output))?.askKubelet === true

const judge = (output: readonly string[], result: string, kubelet: readonly string[]): Meaning => {
  const said = errors(output)
  // kubeadm was ended from outside, or it never came to speak
  if (said === '') return resultRules[result] ? meaning(resultRules[result]) : interruptedFrom(output)
  const refused = checks(said)
  if (refused.length > 0) return meaningOfChecks(refused)
  const rule = find(errorRules, said)
  if (rule === undefined) return unknown(said)
  const known = rule.askKubelet ? find(kubeletRules, kubelet.join('\n')) : undefined
  return known === undefined ? filled(rule, said) : filled(known, kubelet.join('\n'))
}

const errors = (output: readonly string[]): string =>
  output.filter((line) => /^error: |\[ERROR [^\]]+\]:/.test(line)).join('\n')

const find = (rules: readonly Rule[], said: string): Rule | undefined => rules.find(({ text }) => text.test(said))

interface Refused {
  name: string
  text: string
}

const checks = (said: string): Refused[] =>
  [...said.matchAll(/\[ERROR ([^\]]+)\]: (.*)/g)].map(([, name = '', text = '']) => ({ name, text }))

const meaningOfChecks = (refused: readonly Refused[]): Meaning => {
  const remedy = refused.flatMap(({ name }) => {
    const rule = checkRules.find((rule) => rule.name.test(name))
    return rule === undefined ? [] : rule.remedy.map(filler(rule.name, name, shellWord))
  })
  // a registry that is away is not the machine's fault
  const whose: FailureClass = refused.every(({ name }) => name === 'ImagePull') ? 'transient' : 'machine'
  return {
    class: whose,
    cause: `kubeadm refuses this machine: ${refused.map(({ name, text }) => `${name}: ${text}`).join('; ')}`,
    remedy: [...new Set(remedy)]
  }
}

const filled = (rule: Rule, said: string): Meaning => {
  const fill = filler(rule.text, said)
  return { class: rule.class, cause: fill(rule.cause), remedy: rule.remedy.map(filler(rule.text, said, shellWord)) }
}

/**
 * Makes a function that puts the groups of the match in the place of `$1` and so on. `as` prepares a group for the
 * text: a command may hold it.
 */
export const filler = (
  pattern: RegExp,
  said: string,
  as = (group: string): string => group
): ((text: string) => string) => {
  const groups = pattern.exec(said) ?? []
  return (text) => text.replace(/\$(\d)/g, (_, group: string) => as(groups[Number(group)] ?? ''))
}

const meaning = ({ class: whose, cause, remedy }: Omit<Rule, 'text'>): Meaning => ({
  class: whose,
  cause,
  remedy: [...remedy]
})

const interruptedFrom = (output: readonly string[]): Meaning => ({
  class: 'transient',
  cause: output.length === 0 ? 'kubeadm ended before it said anything' : 'kubeadm was ended before it was done',
  remedy: []
})

/** The meaning of words that no rule knows. The class is the machine's, because failures elsewhere are known best. */
const unknown = (said: string): Meaning => ({
  class: 'machine',
  cause:
    said
      .split('\n')
      .at(-1)
      ?.replace(/^error: (?:error execution phase (\S+): )?/, '') || 'kubeadm failed',
  remedy: ['journalctl -u joinery-join', 'journalctl -u kubelet -n 50']
})

const oneLine = (text: string, length: number): string => text.replace(/\s+/g, ' ').trim().slice(0, length)
