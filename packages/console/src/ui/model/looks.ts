import type { SeenState } from '@joinery/protocol/browser'

/** Tones of the page. Each has a colour, and no colour stands without a shape and a word. */
export type Tone = 'calm' | 'good' | 'busy' | 'asks' | 'bad' | 'over'

/** Shapes of the signs before a state: one for each tone, so that nobody needs to tell colours apart. */
export type Shape = 'dot' | 'check' | 'half' | 'hand' | 'cross' | 'ring' | 'snow'

export interface Look {
  tone: Tone
  shape: Shape
}

const states: Record<SeenState, Look> = {
  pending: { tone: 'asks', shape: 'hand' },
  approved: { tone: 'busy', shape: 'ring' },
  joining: { tone: 'busy', shape: 'half' },
  joined: { tone: 'busy', shape: 'dot' },
  ready: { tone: 'good', shape: 'check' },
  recovering: { tone: 'asks', shape: 'hand' },
  frozen: { tone: 'bad', shape: 'snow' },
  failed: { tone: 'bad', shape: 'cross' },
  expired: { tone: 'over', shape: 'ring' },
  rejected: { tone: 'over', shape: 'cross' },
  removed: { tone: 'over', shape: 'ring' },
  unknown: { tone: 'calm', shape: 'ring' }
}

/** The look of a state. A state of a newer server looks like `unknown`. */
export const stateLook = (state: string): Look =>
  Object.hasOwn(states, state) ? states[state as SeenState] : states.unknown

const verdicts: Record<string, Look> = {
  pass: { tone: 'good', shape: 'check' },
  warn: { tone: 'asks', shape: 'hand' },
  fail: { tone: 'bad', shape: 'cross' },
  skipped: { tone: 'over', shape: 'ring' }
}

export const verdictLook = (verdict: string): Look => verdicts[verdict] ?? states.unknown

const conditions: Record<string, Look> = {
  Ready: { tone: 'good', shape: 'check' },
  NotReady: { tone: 'asks', shape: 'half' },
  Gone: { tone: 'over', shape: 'ring' }
}

export const conditionLook = (condition: string): Look => conditions[condition] ?? states.unknown

/** A Node that nobody can account for, and what to say of it. */
const traces: Record<string, { look: Look; text: string }> = {
  enrolled: { look: { tone: 'good', shape: 'check' }, text: 'enrolled' },
  unreported: { look: { tone: 'busy', shape: 'half' }, text: 'not reported yet' },
  untraced: { look: { tone: 'calm', shape: 'ring' }, text: 'not traced here' },
  'other-machine': { look: { tone: 'bad', shape: 'cross' }, text: 'another machine' },
  unwanted: { look: { tone: 'bad', shape: 'cross' }, text: 'turned away, but there' },
  outside: { look: { tone: 'bad', shape: 'cross' }, text: 'unknown: no enrolment' }
}

/** The look of a Node's origin. One that was there before Joinery looked for the first time is no alarm. */
export const traceLook = (trace: string, before = false): { look: Look; text: string } => {
  if (trace === 'outside' && before) return { look: { tone: 'over', shape: 'ring' }, text: 'before Joinery' }
  return traces[trace] ?? { look: states.unknown, text: trace }
}

const servers: Record<string, Look> = {
  active: { tone: 'good', shape: 'check' },
  standby: { tone: 'busy', shape: 'ring' },
  away: { tone: 'bad', shape: 'cross' }
}

/** The look of a server's state. One that nobody tells looks like `unknown`. */
export const serverLook = (state: string | undefined): Look => servers[state ?? ''] ?? states.unknown

const codes: Record<string, Look> = {
  open: { tone: 'good', shape: 'dot' },
  used: { tone: 'over', shape: 'check' },
  expired: { tone: 'over', shape: 'ring' },
  revoked: { tone: 'over', shape: 'cross' }
}

export const codeLook = (status: string): Look => codes[status] ?? states.unknown
