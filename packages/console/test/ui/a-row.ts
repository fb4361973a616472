import type { SeenEnrolment } from '../../src/contract.ts'

export const keyA = `sha256:${'a1b2'.repeat(16)}`
export const keyB = `sha256:${'c3d4'.repeat(16)}`

/** A pending worker as a list shows it. */
export const aRow = (id: string, more: Partial<SeenEnrolment> = {}): SeenEnrolment => ({
  id,
  revision: 3,
  state: 'pending',
  message: 'waiting for an operator',
  name: `machine-${id}`,
  role: 'worker',
  code: 'code-1',
  credential: 'token',
  key: keyA,
  address: '192.0.2.10',
  created: `2026-11-27T10:00:0${id.length}.000Z`,
  since: '2026-11-27T10:00:00.000Z',
  facts: { hostname: 'machine', machineId: 'm1', serial: 's1', cpus: 4, memory: 8 * 2 ** 30 },
  preflight: [{ name: 'swap', verdict: 'pass', finding: 'swap is off' }],
  ...more
})
