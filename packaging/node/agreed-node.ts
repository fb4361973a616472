import type { Architecture } from '../architecture.ts'

/** SHA-256 of the bin/node that somebody ships, for each processor. */
export type Publisher = Record<Architecture['debian'], string>

/** What two publishers ship byte for byte, or the processors for which they do not. */
export const agreedNode = (one: Publisher, other: Publisher): { sha256: Publisher } | { differ: string[] } => {
  const differ = Object.keys(one).filter(
    (debian) => one[debian as keyof Publisher] !== other[debian as keyof Publisher]
  )
  return differ.length === 0 ? { sha256: one } : { differ }
}
