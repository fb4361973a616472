import { type ProgressRequest, type SeenEnrolment, stagesAtMost } from '@joinery/protocol'
import t from 'tap'
import { phases } from '../../src/journal/stages.ts'
import type { Context } from '../../src/steps/context.ts'
import { join } from '../../src/steps/join.ts'

/** An agent that looks at a join of kubeadm. Each look gives what it reports. */
const following = () => {
  const memory: Context['memory'] = { stagesReported: 0 }
  return async (lines: readonly string[], answer: () => SeenEnrolment = () => ({}) as SeenEnrolment) => {
    const sent: ProgressRequest[] = []
    const context = {
      memory,
      situation: { join: { output: lines }, journal: { attempt: { phases: phases(lines) } } },
      say: () => {},
      looked: 0,
      clock: { sleep: async () => {} },
      server: {
        progress: async (request: ProgressRequest) => {
          sent.push(request)
          return answer()
        }
      }
    } as unknown as Context
    await join.follow({ do: 'follow', attempt: 2 }, context).catch(() => {})
    return sent
  }
}

const line = (number: number): string => `[kubelet-start] Writing kubelet configuration to file "/${number}"`
const lines = (count: number): string[] => Array.from({ length: count }, (_, index) => line(index))

t.test('all the lines of one look are one report', async (t) => {
  const look = following()
  t.same(await look([]), [])
  t.same(await look(lines(1)), [{ attempt: 2, stage: line(0) }])
  t.same(await look(lines(4)), [{ attempt: 2, stage: line(3), before: [line(1), line(2)] }])
  t.same(await look(lines(4)), [], 'what was reported is not reported again')
})

t.test('a report that was not answered is sent again, with what was printed since', async (t) => {
  const look = following()
  const lost = () => {
    throw new Error('lost')
  }
  t.same(await look(lines(1), lost), [{ attempt: 2, stage: line(0) }])
  t.match(await look(lines(2)), [{ stage: line(1), before: { length: 1 } }])
})

t.test('more lines than one report takes are in the next ones', async (t) => {
  const look = following()
  const many = lines(stagesAtMost + 1)
  t.match(await look(many), [{ stage: many.at(-2), before: { length: stagesAtMost - 1 } }])
  t.same(await look(many), [{ attempt: 2, stage: many.at(-1) }])
})
