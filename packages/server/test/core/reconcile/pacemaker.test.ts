import { mock } from 'node:test'
import { aNode } from '@joinery/testing/documents/node'
import t, { type Test } from 'tap'
import { makeLog } from '../../../src/core/base/log.ts'
import type { ApiSight } from '../../../src/core/ports/cluster/api-sight.ts'
import type { ClusterNode } from '../../../src/core/ports/cluster/nodes.ts'
import { Pacemaker } from '../../../src/core/reconcile/pacemaker.ts'
import type { Reconciler } from '../../../src/core/reconcile/reconciler.ts'

/** The wall clock, as somebody set it. */
const setBy = (milliseconds: number): typeof Date => {
  const now = () => RealDate.now() + milliseconds
  return class extends RealDate {
    constructor(at?: number) {
      super(at ?? now())
    }
    static override now = now
  } as typeof Date
}
const RealDate = Date

type Pass = 'everything' | 'beyond pending'

/** A pacemaker that was started; time stands still but for `after`. */
const started = async (
  t: Test,
  reconciler: {
    busy?: () => boolean
    pass?: () => void | Promise<void>
    isNews?: (node: ClusterNode) => boolean
    /** Of the outage that the last pass found, if it found one. */
    retryAfter?: () => number | undefined
  } = {}
) => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  t.teardown(() => mock.timers.reset())
  let passes: Pass[] = []
  const log = makeLog({ write: () => {} })
  const played = {
    pass: async (sweep: boolean) => {
      passes.push(sweep ? 'everything' : 'beyond pending')
      await reconciler.pass?.()
    },
    busy: async () => reconciler.busy?.() ?? false,
    isNews: (node: ClusterNode) => reconciler.isNews?.(node) ?? true,
    get outage() {
      return { retryAfter: reconciler.retryAfter?.() }
    }
  }
  const pacemaker = new Pacemaker(played as unknown as Reconciler, log)
  const stop = new AbortController()
  t.teardown(() => stop.abort())
  let changed: (node?: ClusterNode) => void = () => {}
  const watch: ApiSight['watch'] = (onChange) => {
    changed = onChange
  }
  const ended = pacemaker.start({ watch }, stop.signal)
  /** The passes of the next `seconds`. */
  const after = async (seconds: number): Promise<Pass[]> => {
    mock.timers.tick(seconds * 1000)
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    const made = passes
    passes = []
    return made
  }
  return { pacemaker, after, ended, stop: () => stop.abort(), clusterChanges: (node?: ClusterNode) => changed(node) }
}

t.test('the pacemaker passes over everything at its start and at each minute', async (t) => {
  const { after } = await started(t)
  t.same(await after(0), ['everything'])
  for (let minute = 0; minute < 3; minute += 1) {
    t.same(await after(59), [], `${minute}`)
    t.same(await after(1), ['everything'], `${minute}`)
  }
})

for (const [what, hours] of [
  ['back', -1],
  ['forward', 1]
] as const) {
  t.test(`a clock that is set ${what} by one hour changes no pass`, async (t) => {
    const { after } = await started(t)
    await after(0)
    await after(20)
    t.intercept(globalThis, 'Date', { value: setBy(hours * 3_600_000) })
    t.same(await after(39), [])
    t.same(await after(1), ['everything'])
    t.same(await after(59), [])
    t.same(await after(1), ['everything'])
  })
}

t.test('after a rest a nudge or a change of the cluster brings a pass over all beyond pending', async (t) => {
  const { pacemaker, after, clusterChanges } = await started(t)
  await after(0.1)
  t.same(await after(1), [])
  pacemaker.nudge()
  t.same(await after(0), ['beyond pending'])
  t.same(await after(1), [])
  clusterChanges()
  t.same(await after(0), ['beyond pending'])
})

t.test('a Node that changed only its heartbeat brings no pass', async (t) => {
  const [seen, changed] = [aNode('seen'), aNode('changed')]
  const { after, clusterChanges } = await started(t, { isNews: (node) => node === changed })
  await after(0)
  await after(1)
  clusterChanges(seen)
  t.same(await after(1), [])
  clusterChanges(changed)
  t.same(await after(0), ['beyond pending'])
})

t.test('while nobody joins there is one pass a second, however many nudges come', async (t) => {
  const { pacemaker, after } = await started(t)
  t.same(await after(0), ['everything'])
  for (let round = 0; round < 3; round += 1) {
    const early: Pass[] = []
    for (let time = 0; time < 9; time += 1) {
      pacemaker.nudge()
      early.push(...(await after(0.11)))
    }
    t.same(early, [], `round ${round}`)
    t.same(await after(0.01), ['beyond pending'], `round ${round}`)
  }
  t.same(await after(20), [], 'and those that came meanwhile were one')
})

t.test('a machine that begins to join within that second does not wait for its end', async (t) => {
  let joining = false
  const { pacemaker, after } = await started(t, { busy: () => joining })
  await after(0)
  t.same(await after(0.2), [])
  joining = true
  pacemaker.nudge()
  t.same(await after(0), ['beyond pending'])
})

t.test('a store that cannot say whether a machine joins delays nothing', async (t) => {
  let broken = false
  const { pacemaker, after } = await started(t, {
    busy: () => {
      if (broken) throw new Error('the disk is gone')
      return false
    }
  })
  await after(0)
  await after(0.2)
  broken = true
  pacemaker.nudge()
  t.same(await after(0), ['beyond pending'])
})

t.test('two passes are at least 100 ms apart, however many nudges come', async (t) => {
  let joining = true
  const { pacemaker, after } = await started(t, { busy: () => joining })
  t.same(await after(0), ['everything'])
  for (let round = 0; round < 5; round += 1) {
    const early: Pass[] = []
    for (let time = 0; time < 9; time += 1) {
      pacemaker.nudge()
      early.push(...(await after(0.011)))
    }
    t.same(early, [], `${round}`)
    t.same(await after(0.001), ['beyond pending'], `${round}`)
  }
  joining = false
  t.same(await after(10), ['beyond pending'], 'and those that came meanwhile were one')
})

t.test('while a machine joins there is a pass each second', async (t) => {
  let joining = true
  const { after } = await started(t, { busy: () => joining })
  await after(0)
  t.same(await after(1), ['beyond pending'])
  joining = false
  t.same(await after(1), ['beyond pending'])
  t.same(await after(1), [])
})

t.test('a nudge during a pass, or just after it, brings one more pass after the rest', async (t) => {
  for (const moment of ['pass', 'busy'] as const) {
    let once = () => {}
    const { pacemaker, after, stop } = await started(t, {
      [moment]: () => {
        once()
        return false
      }
    })
    await after(0)
    await after(1)
    once = () => {
      once = () => {}
      pacemaker.nudge()
    }
    pacemaker.nudge()
    t.same(await after(0), ['beyond pending'], moment)
    t.same(await after(1), ['beyond pending'], moment)
    t.same(await after(1), [], moment)
    stop()
    mock.timers.reset()
  }
})

t.test('a pass that fails is tried again after a second', async (t) => {
  let broken = true
  const { after } = await started(t, {
    pass: () => {
      if (broken) throw new Error('the disk is full')
    }
  })
  t.equal((await after(0)).length, 1)
  broken = false
  t.equal((await after(1)).length, 1)
  t.same(await after(1), [])
})

t.test('an API server that cannot serve is left alone as long as it asks, whoever joins or nudges', async (t) => {
  for (const joining of [true, false]) {
    let retryAfter: number | undefined = 7
    const { pacemaker, after, clusterChanges, stop } = await started(t, {
      busy: () => joining,
      retryAfter: () => retryAfter
    })
    await after(0)
    for (let second = 0; second < 6; second += 1) {
      pacemaker.nudge()
      clusterChanges()
      t.same(await after(1), [], `joining: ${joining}, second ${second}`)
    }
    retryAfter = undefined
    t.equal((await after(1)).length, 1, `joining: ${joining}`)
    stop()
    mock.timers.reset()
  }
})

t.test(
  'an API server that still cannot serve is asked half as often each time, and each half minute at least',
  async (t) => {
    let retryAfter: number | undefined = 1
    const { after } = await started(t, { busy: () => true, retryAfter: () => retryAfter })
    await after(0)
    for (const pause of [1, 2, 4, 8, 16, 30, 30]) {
      t.same(await after(pause - 0.01), [], `${pause} s`)
      t.equal((await after(0.01)).length, 1, `${pause} s`)
    }
    retryAfter = undefined
    await after(30)
    t.equal((await after(1)).length, 1, 'once it serves, each second')
    retryAfter = 1
    await after(1)
    t.equal((await after(1)).length, 1, 'and then anew from a second on')
  }
)

t.test('a stopped pacemaker never passes again', async (t) => {
  const { pacemaker, after, stop } = await started(t, { busy: () => true })
  await after(0)
  stop()
  pacemaker.nudge()
  t.same(await after(120), [])
})

t.test('a pacemaker that is stopped has ended when its pass has, and asks nothing after it', async (t) => {
  const way = Promise.withResolvers<void>()
  let asked = 0
  const busy = () => {
    asked += 1
    return false
  }
  const { after, stop, ended } = await started(t, { pass: () => way.promise, busy })
  t.same(await after(0), ['everything'])
  let isEnded = false
  void ended.then(() => {
    isEnded = true
  })
  stop()
  t.same(await after(61), [])
  t.equal(isEnded, false, 'the pass is under way')
  way.resolve()
  await ended
  t.equal(asked, 0)
})

t.test('a pacemaker that is stopped between two passes has ended at once', async (t) => {
  const { after, stop, ended } = await started(t)
  await after(0)
  stop()
  await t.resolves(ended)
})
