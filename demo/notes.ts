import { checkRemedies, type Enrolment, isLive, passes } from '@joinery/protocol'
import type { Part } from './cast.ts'

/** Lines that belong together; one that is a command is indented. */
export type Note = string[]

export interface Surroundings {
  /** The operator's command with these words, as it is typed in a second terminal. */
  joinery(words: string): string
  /** The file that stands for the swap of this machine, while it is on. */
  swapOf(name: string): string | undefined
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

const notesOf = (part: Part, enrolment: Enrolment | undefined, { joinery, swapOf }: Surroundings): Note[] => {
  const { name } = part
  if (enrolment === undefined) return [[`${name} boots, and looks at itself.`]]
  const { state, message } = enrolment
  if (state === 'frozen' || !isLive(enrolment))
    return [[`${name}: ${message}. See why:`, indent(joinery(`show ${name}`))]]
  return [
    ...(state === 'pending' ? [approval(part, joinery)] : []),
    ...(passes(enrolment.preflight) ? [] : [remedy(part, enrolment, swapOf(name))])
  ]
}

const approval = ({ name, approvedBy }: Part, joinery: Surroundings['joinery']): Note =>
  approvedBy === 'demo'
    ? [`${name} waits for approval. The demo approves it.`]
    : [`${name} waits for your approval. In a second terminal, in this folder:`, indent(joinery(`approve ${name}`))]

const remedy = ({ name, swapTurnedOffBy }: Part, { preflight }: Enrolment, swap: string | undefined): Note => {
  if (swap === undefined) return [`${name} has its swap off now. Its agent looks again within 10 seconds.`]
  const found = preflight
    .filter(({ verdict }) => verdict === 'fail')
    .flatMap((check) => [
      `${name} fails preflight: ${check.finding}. The remedy on a real machine:`,
      // words of ours: what a machine says is no command
      ...(checkRemedies[check.name] ?? []).map(indent)
    ])
  const rehearsal =
    swapTurnedOffBy === 'demo'
      ? ['The demo does its rehearsal.']
      : ['Its rehearsal, in a second terminal:', indent(`rm ${swap}`)]
  return [...found, ...rehearsal]
}

const indent = (line: string): string => `  ${line}`
