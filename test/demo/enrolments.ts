import { type Check, type Enrolment, noFacts } from '@joinery/protocol'

const swapIsOn: Check = { name: 'swap', verdict: 'fail', finding: 'swap is on: /dev/vda2', remedy: ['swapoff -a'] }

export const now = new Date('2026-01-01T00:00:10Z')

/** A machine of the demo that enrolled ten seconds ago. */
export const enrolmentOf = (name: string, more: Partial<Enrolment> = {}): Enrolment => ({
  id: `id of ${name}`,
  revision: 1,
  state: 'pending',
  message: 'waiting for approval',
  name,
  role: 'worker',
  code: 'c1',
  credential: 'token',
  key: `sha256:${'0'.repeat(64)}`,
  address: '127.0.0.1',
  created: '2026-01-01T00:00:00Z',
  since: '2026-01-01T00:00:00Z',
  facts: noFacts,
  preflight: [],
  conflicts: [],
  attempts: [],
  ...more
})

/** A machine that has joined, and whose Node is not Ready. */
export const withoutImage = enrolmentOf('edge-4', {
  state: 'joined',
  cause: { code: 'plugin-image', text: 'the image net:1 of Pod default/net-edge-4 cannot be pulled' }
})

export const withSwap = { preflight: [swapIsOn] } satisfies Partial<Enrolment>
