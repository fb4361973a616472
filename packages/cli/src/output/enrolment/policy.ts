import type { SeenEnrolment } from '../../operator-client.ts'

type Given = Pick<SeenEnrolment, 'policy' | 'recover'>

/** Rows for what a code says about checks and about the way back. The machine's and the server's configuration decide the rest. */
export const policyRows = ({ policy, recover }: Given): string[][] => [
  ...(policy?.remediate === undefined ? [] : [['Remediate:', policy.remediate]]),
  ...(policy === undefined || policy.ignore.length === 0 ? [] : [['Ignores:', policy.ignore.join(', ')]]),
  ...(recover === undefined ? [] : [['Recover:', recover]])
]

/** Decisions that the code takes from the approver, in a sentence. Empty if there are none. */
export const policyWords = ({ policy, recover }: Given): string =>
  [
    ...(policy === undefined || policy.ignore.length === 0 ? [] : [`ignores ${policy.ignore.join(' and ')}`]),
    ...(recover?.startsWith('auto') ? [`recovers by itself (${recover})`] : [])
  ].join(', ')
