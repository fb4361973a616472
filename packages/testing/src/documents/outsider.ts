import type { OutsiderDocument } from '@joinery/server/testing/store'

/** A name of the cluster that Joinery did not give, as the store has it. By default nobody has asked for it. */
export const anOutsider = (name: string, more: Partial<OutsiderDocument> = {}): OutsiderDocument => ({
  name,
  revision: 0,
  requesters: [],
  ...more
})
