import type { CodeDocument } from '@joinery/server/testing/store'

/** A code as the store has it. By default it is for one worker, and open for half an hour. */
export const aCode = (id: string, more: Partial<CodeDocument> = {}): CodeDocument => ({
  id,
  revision: 0,
  hash: `hash of ${id}`,
  role: 'worker',
  created: '2026-01-01T00:00:00.000Z',
  expires: '2026-01-01T00:30:00.000Z',
  ...more
})
