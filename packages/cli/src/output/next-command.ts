import {
  awaitsClaim,
  escapeText,
  hasJoined,
  isFrozen,
  isRecovering,
  next,
  type State,
  shortFingerprint
} from '@joinery/protocol'
import type { SeenEnrolment } from '../operator-client.ts'
import type { Terminal } from '../terminal/terminal.ts'

const byState: Record<State, ((reference: string) => string) | undefined> = {
  pending: (reference) => `joinery approve ${reference}`,
  approved: (reference) => `joinery show ${reference}`,
  joining: (reference) => `joinery show ${reference}`,
  joined: (reference) => `joinery show ${reference}`,
  ready: undefined,
  recovering: (reference) => `joinery approve ${reference}`,
  frozen: (reference) => `joinery release ${reference} --key FINGERPRINT`,
  failed: (reference) => `joinery retry ${reference}`,
  expired: (reference) => `joinery retry ${reference}`,
  rejected: undefined,
  removed: undefined
}

/** The next command if no agent would go on after a release or a retry. */
const withoutAgent = (about: About, reference: string): string | undefined =>
  isFrozen(about)
    ? `joinery reject ${reference} --reason REASON`
    : next(about.state, 'retry') !== undefined
      ? `joinery join-command --name ${about.name}`
      : undefined

/** One enrolment, or only the state that several share. */
type About = Pick<SeenEnrolment, 'state'> & Partial<SeenEnrolment>

const special = (about: About, reference: string): string | undefined => {
  if (about.withoutAgent) return withoutAgent(about, reference)
  const { role, granted, cause, recovery } = about
  if (isKept(about)) return `joinery retry ${reference}`
  if (isRecovering(about) && recovery?.state === 'approved') return `joinery show ${reference}`
  if (cause !== undefined && !isRecovering(about)) return `joinery why ${reference}`
  return awaitsClaim(about) && role === 'control-plane' && granted === undefined
    ? `sudo joinery grant ${reference}      on a control-plane host`
    : undefined
}

/** True if an operator may agree to it, by a command that names exactly what they saw. */
const isAgreeable = (about: About): boolean => {
  const { state } = about
  if (hasJoined(about) && !isRecovering(about)) return isKept(about)
  return (next(state, 'approve') ?? next(state, 'retry')) !== undefined
}

/** True if the machine may not ask for the way back until an operator lets it. */
export const isKept = ({ recovery }: About): boolean => recovery?.state === 'refused' || recovery?.state === 'frozen'

/** Prints the command that an operator would type next. It goes the way of the command that prints it. */
export const printNext = ({ err, told }: Pick<Terminal, 'err' | 'told'>, command: string): void =>
  err(`Next: ${escapeText(told(command))}\n`)

/**
 * Prints the command that an operator would type next about enrolments, if there is one. `reference`: the operator's name
 * for them. `seen`: the look that the operator has just been shown.
 */
export const printNextFor = (
  terminal: Pick<Terminal, 'err' | 'told'>,
  about: About,
  reference: string,
  seen?: Pick<SeenEnrolment, 'revision' | 'key'>
): void => {
  const command = special(about, reference) ?? byState[about.state]?.(reference)
  if (command === undefined) return
  const binds = seen !== undefined && !about.withoutAgent && isAgreeable(about) && !command.startsWith('joinery show')
  const named = binds ? ` --revision ${seen.revision} --key ${shortFingerprint(seen.key)}` : ''
  printNext(terminal, `${command}${named}`)
}
