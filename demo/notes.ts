import { checkRemedies, type Enrolment, isLive, passes } from '@joinery/protocol'
import type { Part } from './cast.ts'
import type { FaultKind } from './fault.ts'

/** Lines that belong together; one that is a command is indented. */
export type Note = string[]

export interface Surroundings {
  /** The operator's command with these words, as it is typed in a second terminal. */
  joinery(words: string): string
  /** The file that stands for the fault of this machine. Undefined if the fault is gone. */
  faultOf(name: string): string | undefined
}

/** What the newcomer may do now, and what the demo does for them. */
export const notes = (cast: readonly Part[], enrolments: readonly Enrolment[], around: Surroundings): Note[] => {
  const { joinery } = around
  const find = (part: Part) => enrolments.find(({ name }) => name === part.name)
  const open = cast.flatMap((part) => notesOf(part, find(part), around))
  if (open.length > 0 || cast.every(({ approvedBy }) => approvedBy === 'demo')) return open
  return enrolments.every(({ state }) => state === 'ready')
    ? [['All are Ready. The whole way of one of them:', indent(joinery('show edge-1'))], ['Ctrl-C ends the demo.']]
    : [['Nothing to do now. To look closer:', indent(joinery('show edge-1'))]]
}

const notesOf = (part: Part, enrolment: Enrolment | undefined, around: Surroundings): Note[] => {
  const { name, fault } = part
  if (enrolment === undefined) return [[`${name} boots, and looks at itself.`]]
  const { state, message } = enrolment
  if (state === 'frozen' || !isLive(enrolment))
    return [[`${name}: ${message}. See why:`, indent(around.joinery(`show ${name}`))]]
  return [
    ...(state === 'pending' ? [approval(part, around.joinery)] : []),
    ...(fault === undefined ? [] : faultNotes[fault.kind](part, enrolment, around))
  ]
}

const approval = ({ name, approvedBy }: Part, joinery: Surroundings['joinery']): Note =>
  approvedBy === 'demo'
    ? [`${name} waits for approval. The demo approves it.`]
    : [`${name} waits for your approval. In a second terminal, in this folder:`, indent(joinery(`approve ${name}`))]

/** What a newcomer sees of each fault, and does about it. */
const faultNotes: Record<FaultKind, (part: Part, enrolment: Enrolment, around: Surroundings) => Note[]> = {
  swap: (part, { preflight }, { faultOf }) => {
    const { name } = part
    if (passes(preflight)) return []
    const file = faultOf(name)
    if (file === undefined) return [[`${name} has its swap off now. Its agent looks again within 10 seconds.`]]
    const found = preflight
      .filter(({ verdict }) => verdict === 'fail')
      .flatMap((check) => [
        `${name} fails preflight: ${check.finding}. The remedy on a real machine:`,
        // words of ours: what a machine says is no command
        ...(checkRemedies[check.name] ?? []).map(indent)
      ])
    return [[...found, ...rehearsal(part, file)]]
  },
  firewall: (part, { cause }, { joinery, faultOf }) => {
    const { name } = part
    if (cause === undefined) return []
    const file = faultOf(name)
    if (file === undefined) return [[`${name} reaches the registry now. Its Node becomes Ready by itself.`]]
    return [
      [`${name} has joined, and its Node is not Ready: ${cause.text}. See why:`, indent(joinery(`why ${name}`))],
      [
        'The remedy in a real network: open the firewall between the machine and the registry.',
        ...rehearsal(part, file)
      ]
    ]
  }
}

const rehearsal = ({ fault }: Part, file: string): string[] =>
  fault?.repairedBy === 'demo'
    ? ['The demo does its rehearsal.']
    : ['Its rehearsal, in a second terminal:', indent(`rm ${file}`)]

const indent = (line: string): string => `  ${line}`
