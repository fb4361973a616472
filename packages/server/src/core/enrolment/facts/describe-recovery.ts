import type { EnrolmentDocument } from '../../ports/store/store.ts'

/** Describes what a machine on the way back waits for, in one line for a person. */
export const describeRecovering = ({ name, recovery, seenCertificate }: EnrolmentDocument): string => {
  const { asked, attempt, state } = recovery ?? {}
  const until = seenCertificate?.notAfter ?? asked?.notAfter
  const was = `it was ${name}${until === undefined ? '' : ` until ${until}`}`
  if (attempt !== undefined) return `recovering: ${was}; its kubelet gets a new certificate`
  return state === 'approved'
    ? `recovering, approved: ${was}; waiting for the agent`
    : `recovering: ${was}, and waits for approval`
}

/** Describes the refusal or freeze that keeps a machine from the way back, to be put after the state. Empty if nothing does. */
export const describeKept = ({ recovery }: EnrolmentDocument): string => {
  if (recovery?.state === 'frozen') return '; its way back is frozen: two machines asked with one key'
  return recovery?.state === 'refused' ? `; its way back is refused: ${recovery.why?.split('\n')[0]}` : ''
}
