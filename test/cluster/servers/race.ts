import { resolve } from 'node:path'
import type { Bed } from '../bed/bed.ts'
import type { Finish, RaceOrder } from '../inside/race.ts'
import type { Servers } from './three-servers.ts'

const program = resolve(import.meta.dirname, '../inside/race.ts')

/** Has machines with a key each enrol with one code at the same moment, at three servers in turn. Each goes on until it has an answer. */
export const race = async (bed: Bed, { all }: Servers, order: Pick<RaceOrder, 'code' | 'racers'>): Promise<Finish> => {
  const input = JSON.stringify({
    ...order,
    ports: all.map(({ port }) => port),
    state: all[0]?.state ?? ''
  } satisfies RaceOrder)
  const { code, stdout, stderr } = await bed.exec([process.execPath, program], { input })
  if (code !== 0) throw new Error(`the race: ${stderr}`)
  return JSON.parse(stdout) as Finish
}
