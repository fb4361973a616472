import { setTimeout as sleep } from 'node:timers/promises'
import type { Bed } from '../bed/bed.ts'
import { keptRunning } from '../kept-running.ts'
import type { Outage } from './outage.ts'

/** Milliseconds for which the API server is away at least. */
const away = 20_000

/** Two ways in which the API server goes away and comes back. */
export const apiAway = (bed: Bed, how: 'stopped' | 'killed'): Pick<Outage, 'begin' | 'end'> => {
  let [back, from] = [(): void => {}, 0]
  return {
    begin: async () => {
      const { id, loop } = await keptRunning(bed, 'kube-apiserver')
      from = performance.now()
      if (how === 'stopped') {
        process.kill(id, 'SIGSTOP')
        back = () => void process.kill(id, 'SIGCONT')
        return
      }
      process.kill(loop, 'SIGSTOP')
      process.kill(id, 'SIGKILL')
      back = () => void process.kill(loop, 'SIGCONT')
    },
    end: async () => {
      await sleep(Math.max(0, from + away - performance.now()))
      const over = Date.now()
      back()
      return over
    }
  }
}
