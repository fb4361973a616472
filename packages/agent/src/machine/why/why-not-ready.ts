import type { NotReady } from '../port/looking.ts'
import { decideCauses } from './decide-causes.ts'
import { lookWhy, type WhyParts } from './look-why.ts'

/** Looks at the machine, and decides why its Node is not Ready. */
export const whyNotReady = async (parts: WhyParts, name: string, skew?: number): Promise<NotReady> => {
  const { seen, unseen } = await lookWhy(parts, name, skew)
  return { readiness: seen.node, causes: decideCauses(seen), unseen }
}
