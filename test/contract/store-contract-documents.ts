/** An entry of a timeline that says this. */
export const entry = (detail: string) => ({
  at: '2026-01-01T00:00:00.000Z',
  actor: 'server',
  event: 'test',
  detail,
  alert: false
})

/** A Decision that was settled. */
export const decided = (uid: string, at = '2026-01-01T00:00:00.000Z') =>
  ({ uid, result: 'applied', message: 'of a test', state: 'approved', at }) as const
