import { type Check, type Remediation, remediations } from '@joinery/protocol'

/** Only whoever knows the journal and the enrolment may say whose join it was. */
const notByMachine = 'earlier-join'

/**
 * The agent is to mend this check by itself: it failed or warned, can be mended here, and the level allows it. One that is
 * not to count is left as somebody wants it.
 */
export const isDue = ({ name, verdict, mends, ignored }: Check, level: Remediation): boolean =>
  (verdict === 'fail' || verdict === 'warn') &&
  mends !== undefined &&
  !ignored &&
  name !== notByMachine &&
  remediations.indexOf(mends) <= remediations.indexOf(level)
