import { type Check, type Remediation, remediations } from '@joinery/protocol'

/**
 * The agent is to mend this check by itself: it failed or warned, can be mended here, and the level allows it. One that is
 * not to count is left as somebody wants it.
 */
export const isDue = ({ verdict, mends, ignored }: Check, level: Remediation): boolean =>
  (verdict === 'fail' || verdict === 'warn') &&
  mends !== undefined &&
  !ignored &&
  remediations.indexOf(mends) <= remediations.indexOf(level)
