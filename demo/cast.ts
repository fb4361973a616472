import type { FaultKind } from './fault.ts'

type Actor = 'demo' | 'newcomer'

/** A machine of the demo, and who does what an operator would do about it. */
export interface Part {
  name: string
  approvedBy: Actor
  /** The machine has this fault at first. */
  fault?: { kind: FaultKind; repairedBy: Actor }
}

/** `once`: nobody is asked for anything. */
export const castOf = (once: boolean): Part[] => {
  const asked: Actor = once ? 'demo' : 'newcomer'
  return [
    { name: 'edge-1', approvedBy: 'demo' },
    { name: 'edge-2', approvedBy: asked },
    { name: 'edge-3', approvedBy: 'demo', fault: { kind: 'swap', repairedBy: asked } },
    { name: 'edge-4', approvedBy: 'demo', fault: { kind: 'firewall', repairedBy: asked } }
  ]
}
