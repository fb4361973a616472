import type { PreflightReport } from '@joinery/protocol'

/** The command that a person would type next. `configured`: the agent knows its pairing server. */
export const nextCommand = ({ checks, result, changes }: PreflightReport, configured: boolean): string => {
  if (result !== 'fail') return configured ? 'systemctl enable --now joinery-agent' : 'joinery-agent enrol --help'
  const failing = checks.filter(({ verdict }) => verdict === 'fail')
  // what the agent could not mend now it will not mend if asked again
  const mendable = changes === undefined ? failing.filter(({ mends }) => mends !== undefined) : []
  if (mendable.some(({ mends }) => mends === 'safe')) return 'joinery-agent preflight --fix'
  if (mendable.length > 0) return `joinery-agent preflight --fix=${mendable.map(({ name }) => name).join(',')}`
  return 'joinery-agent preflight, after the remedies above'
}
