import type { State } from '@joinery/protocol'
import type { Terminal } from './terminal.ts'

const byState: Partial<Record<State, (reference: string) => string>> = {
  pending: (reference) => `joinery approve ${reference}`,
  approved: (reference) => `joinery show ${reference}`,
  joining: (reference) => `joinery show ${reference}`,
  joined: (reference) => `joinery show ${reference}`,
  frozen: (reference) => `joinery release ${reference} --key FINGERPRINT`,
  failed: (reference) => `joinery retry ${reference}`,
  expired: (reference) => `joinery retry ${reference}`
}

/** Says what an operator would type next about an enrolment that they call `reference`, where there is something. */
export const printNext = (terminal: Terminal, state: State, reference: string): void => {
  const command = byState[state]?.(reference)
  if (command !== undefined) terminal.err(`Next: ${command}\n`)
}
