import { escapeText, hasJoined, isNamePattern } from '@joinery/protocol'
import type { CodeDocument } from '../../ports/store/documents/code-document.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'

export interface Named {
  /** Open codes for the same name. */
  open: readonly CodeDocument[]
  /** The enrolment that has the name. */
  holder: Pick<EnrolmentDocument, 'state'> | undefined
  /** The Node or Pod that has the name, as the port's `nameHolder` says. */
  inCluster: string | undefined
}

/** Most codes that a warning names. */
const named = 3

/** True if a code with this name is for one name, and warns of its namesakes. The names of a pattern are counted anyway. */
export const isOneName = (name: string | undefined): name is string => name !== undefined && !isNamePattern(name)

/** Warnings about a code for this one name, a sentence each: what the operator may not have meant. */
export const codeWarnings = (name: string, { open, holder, inCluster }: Named): string[] => {
  const shown = open.slice(0, named).map(({ id }) => id)
  const more = open.length > named ? ` and ${open.length - named} more` : ''
  return [
    ...(shown.length === 0
      ? []
      : [
          `${name} has another open code (${shown.join(', ')}${more}), and the machine that comes first gets the name; if you do not want that: joinery code revoke ${shown.join(' ')}`
        ]),
    ...(holder === undefined
      ? []
      : [`${name} is the name of an enrolment that is ${holder.state}: ${wayOut(name, holder)}`]),
    ...(holder !== undefined || inCluster === undefined
      ? []
      : [`${name} is not free in the cluster (${escapeText(inCluster)}): ${replace(name)}`])
  ]
}

const wayOut = (name: string, holder: NonNullable<Named['holder']>): string =>
  hasJoined(holder)
    ? replace(name)
    : `a machine with this code can be approved only when that enrolment is over; see it: joinery show ${name}`

const replace = (name: string): string =>
  `a machine with this code can be approved only when its holder is gone; to replace the holder: joinery approve ${name} --replace`
