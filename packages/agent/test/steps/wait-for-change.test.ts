import type { SeenEnrolment } from '@joinery/protocol'
import t from 'tap'
import type { Context } from '../../src/steps/context.ts'
import { waitForChange } from '../../src/steps/wait-for-change.ts'

const enrolment = { revision: 7, state: 'pending' } as unknown as SeenEnrolment

/** One wait at a server that answers after so many milliseconds. */
const wait = async (answer: SeenEnrolment | undefined, took: number, known?: SeenEnrolment | 'none') => {
  const slept: number[] = []
  const memory: Context['memory'] = { stagesReported: 0, ...(known && { enrolment: known }) }
  let now = 0
  const context = {
    memory,
    signal: new AbortController().signal,
    clock: { monotonic: () => now, sleep: async (pause: number) => void slept.push(pause) },
    server: {
      wait: async () => {
        now += took
        return answer
      }
    }
  } as unknown as Context
  await waitForChange(context, 50)
  return { slept, known: memory.enrolment }
}

t.test('A6: a server that has nothing new and answers at once makes no busy loop', async (t) => {
  t.same((await wait(undefined, 0, enrolment)).slept, [1000])
  t.same((await wait(undefined, 999, enrolment)).slept, [1000])
  t.same((await wait(undefined, 1000, enrolment)).slept, [], 'one that was waited for is asked again at once')
  t.same((await wait(enrolment, 0)).slept, [], 'and so is one that had news')
})

t.test('A3: no news is not the word that the machine is not enrolled', async (t) => {
  t.equal((await wait(undefined, 0, enrolment)).known, enrolment)
  t.equal((await wait(undefined, 0, 'none')).known, 'none')
  t.equal((await wait(undefined, 0)).known, 'none')
  t.equal((await wait(enrolment, 0, 'none')).known, enrolment)
})
