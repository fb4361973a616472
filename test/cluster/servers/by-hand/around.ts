import { type Desk, deskOf } from '../desk.ts'
import { type Hands, handsOf } from '../hands.ts'
import type { World } from '../open-servers.ts'
import type { OneServer } from '../three-servers.ts'

/** What every thing that is done by hand is tried with. */
export interface Around extends World {
  desk: Desk
  hands: Hands
  /** The servers by their number. */
  first: OneServer
  second: OneServer
  third: OneServer
}

export const aroundOf = (world: World): Around => {
  const [first, second, third] = world.servers.all as [OneServer, OneServer, OneServer]
  return { ...world, desk: deskOf(world), hands: handsOf(world.bed), first, second, third }
}

export const head = 'loghead/joinery'
export const lease = 'lease/joinery-server'

/** Both ways on, as a refusal names them. */
export const bothWays = /store adopt --cluster.*store adopt --local/s

/** Runs the lines of kubectl in a remedy, as they stand there. */
export const pasted = async (hands: Hands, remedy: string): Promise<void> => {
  for (const line of remedy.split(' && ')) {
    const [program, ...words] = line.split(' ')
    if (program !== 'kubectl') throw new Error(line)
    await hands.must(words)
  }
}
