import type { Enrolment } from '@joinery/protocol'
import { enrolment } from '@joinery/testing/command/fixtures'
import { type Answers, joinery, joineryAsked, runWith, serveOperators } from '@joinery/testing/command/operators'
import t from 'tap'

const one = (name: string, part: Partial<Enrolment> = {}): Enrolment => ({
  ...enrolment,
  id: `id-${name}`,
  name,
  ...part
})
const detail = (part: Partial<Enrolment>) => ({ ...one('node-1', part), timeline: [] })

/** Gives one look after the other, and the last one for ever. */
const looks = (...states: (Partial<Enrolment> | undefined)[]): NonNullable<Answers['show']> => {
  let look = -1
  return () => {
    look = Math.min(look + 1, states.length - 1)
    const part = states[look]
    return part && detail(part)
  }
}

const joining = { state: 'joining', message: 'kubeadm runs' } as const
const ready = {
  state: 'ready',
  node: { uid: 'u', condition: 'Ready', message: '', registered: enrolment.created }
} as const

t.test('wait ends when the machine is Ready, also if it has not enrolled yet', async (t) => {
  const show = looks(undefined, { state: 'pending' }, joining, ready)
  const { exitCode, out, err, calls } = await joinery(t, { show }, 'wait', 'node-1')
  t.same({ exitCode, out, err }, { exitCode: 0, out: 'enrolment/node-1 ready\n', err: '' })
  t.same(
    calls.map(({ reference }) => reference),
    ['node-1', 'node-1', 'id-node-1', 'id-node-1'],
    'from the first look on it is that enrolment, whatever else takes its name'
  )
})

t.test('on a screen wait tells what changes, each thing once', async (t) => {
  const { socket } = await serveOperators(t, { show: looks(undefined, undefined, joining, joining, ready) })
  const { err } = await runWith(['--socket', socket, 'wait', 'node-1'], { errColumns: 100 })
  t.equal(
    err,
    'no machine has enrolled as node-1 yet\nnode-1 is joining: kubeadm runs\nnode-1 is ready: waits for approval\n'
  )
})

t.test('wait ends at once, with the cause, if the machine cannot come any more', async (t) => {
  for (const state of ['failed', 'rejected', 'expired', 'frozen', 'removed'] as const) {
    const ended = await joinery(
      t,
      { show: looks(joining, { state, message: `because of ${state}` }) },
      'wait',
      'node-1'
    )
    const err = `error: node-1 does not get ready: it is ${state}: because of ${state}\nremedy: joinery show node-1\n`
    t.match({ ...ended, calls: [] }, { exitCode: 1, out: '', err }, state)
    t.equal(ended.calls.length, 2, state)
  }
})

t.test('wait ends with 5 when the time is over', async (t) => {
  const late = await joinery(t, { show: looks(joining) }, 'wait', 'node-1', '--timeout', '90s', '--for=condition=Ready')
  const err = 'error: node-1 is not ready after 1m30s: it is joining: kubeadm runs\nremedy: joinery show node-1\n'
  t.match(late, { exitCode: 5, out: '', err })
  const once = await joinery(t, { show: looks(joining) }, 'wait', 'node-1', '--timeout=0s')
  t.match(once, { exitCode: 5, err: /after 0s/ })
  t.equal(once.calls.length, 1)
  const nobody = await joinery(t, {}, 'wait', 'node-1', '--timeout=1s')
  t.match(nobody, {
    exitCode: 5,
    err: 'error: node-1 is not ready after 1s: it has not enrolled yet\nremedy: joinery list\n'
  })
})

t.test('what can be no name of a machine is not waited for, and what was removed is gone', async (t) => {
  t.match(await joinery(t, {}, 'wait', 'Node_1'), { exitCode: 3, err: /no enrolment has the name or id "Node_1"/ })
  t.match(await joinery(t, { show: looks(joining, undefined) }, 'wait', 'node-1'), {
    exitCode: 1,
    err: /error: node-1 does not get ready: it is joining: its enrolment is gone\n/
  })
  for (const last of [undefined, { state: 'removed' }] as const) {
    t.match(await joinery(t, { show: looks({ state: 'ready' }, last) }, 'wait', 'node-1', '--for=delete'), {
      exitCode: 0
    })
  }
})

t.test('--for and --timeout must have their form', async (t) => {
  for (const [words, why] of [
    [['--for', 'done'], /give one of: pending, approved, joined, ready, in-service, removed\./],
    [['--for', 'constructor'], /give one of/],
    [['--timeout', 'soon'], /give a duration like 90s/]
  ] as const) {
    t.match(
      await joinery(t, {}, 'wait', 'node-1', ...words),
      { exitCode: 2, err: why, calls: { length: 0 } },
      words.join(' ')
    )
  }
})

t.test('several machines are waited for together, and one that never comes does not stop the others', async (t) => {
  let look = 0
  const list: Answers['list'] = () => {
    look += 1
    const at = (state: 'joining' | 'ready' | 'failed', name: string) =>
      one(name, { state, message: state, labels: { a: '' } })
    return {
      items: [
        at('failed', 'node-1'),
        at(look > 2 ? 'ready' : 'joining', 'node-2'),
        at(look > 4 ? 'ready' : 'joining', 'node-3'),
        one('node-4', { state: 'rejected', labels: { a: '' } }),
        one('node-5')
      ]
    }
  }
  const show: Answers['show'] = ({ reference }) => {
    look += 1
    const [name, after] = reference === 'id-node-2' ? ['node-2', 3] : ['node-3', 6]
    return { ...one(name, { state: look > Number(after) ? 'ready' : 'joining' }), timeline: [] }
  }
  const few = await joinery(
    t,
    { list, show: (call) => (call.reference === 'id-node-1' ? detail({ state: 'failed', message: 'x' }) : show(call)) },
    'wait',
    '-l',
    'a'
  )
  t.match(few, {
    exitCode: 1,
    out: 'enrolment/node-2 ready\nenrolment/node-3 ready\n',
    err: 'error: node-1 does not get ready: it is failed: x\nremedy: joinery show node-1\n'
  })
  t.match(await joinery(t, { list: () => ({ items: [] }) }, 'wait', '--all'), {
    exitCode: 3,
    err: 'error: no enrolment fits these options\nremedy: joinery list\n'
  })
})

t.test('many machines cost one list a look', async (t) => {
  let look = 0
  const list: Answers['list'] = () => {
    look += 1
    return {
      items: Array.from({ length: 20 }, (_, index) => one(`node-${index}`, { state: look > 3 ? 'ready' : 'joining' }))
    }
  }
  const { socket, calls } = await serveOperators(t, { list })
  // the server has no events, so the command looks each second, and rests no longer
  const pause = (milliseconds: number) => (milliseconds <= 1000 ? Promise.resolve() : new Promise<void>(() => {}))
  const { exitCode, out } = await runWith(['--socket', socket, 'wait', '--all', '-o', 'json'], { pause })
  t.equal(exitCode, 0)
  t.equal(JSON.parse(out).items.length, 20)
  t.ok(calls.every(({ route }) => route === 'list'))
  t.equal(calls.length, 4)
})

t.test('a server that is away is no reason to end', async (t) => {
  const served = await serveOperators(t, { show: looks(joining, joining, ready) })
  let pauses = 0
  const pause = async () => {
    pauses += 1
    if (pauses === 1) await served.stop()
    if (pauses === 4) await served.start()
  }
  const { exitCode, err } = await runWith(['--socket', served.socket, 'wait', 'node-1'], { pause })
  t.equal(exitCode, 0)
  t.match(err, /^The pairing server does not answer: .*\nThe pairing server answers again\n$/)
})

t.test('approve --wait waits for exactly what it approved', async (t) => {
  const show = looks({ state: 'pending' }, joining, ready)
  const approve = () => one('node-1', { state: 'approved' })
  const done = await joineryAsked(t, { show, approve }, ['y'], 'approve', 'node-1', '--wait')
  t.match(done, { exitCode: 0, out: 'enrolment/node-1 approved\nenrolment/node-1 ready\n' })
  const late = await joinery(
    t,
    { show: looks({ state: 'pending' }, joining), approve },
    ...['approve', 'node-1', '--yes', '--wait=joined', '--timeout', '3s', '-o', 'json']
  )
  t.match(late, { exitCode: 5, err: /error: node-1 is not joined after 3s: it is joining/ })
  t.same(JSON.parse(late.out), { items: [] })
  const list = () => ({ items: [one('node-1'), one('node-2')] })
  const many = await joinery(
    t,
    {
      list,
      approve: ({ reference }) => one(reference.slice(3), { state: 'approved' }),
      show: ({ reference }) => ({ ...one(reference.slice(3), ready), timeline: [] })
    },
    ...['approve', '--all', '--yes', '--wait']
  )
  t.match(many, {
    exitCode: 0,
    out: 'enrolment/node-1 approved\nenrolment/node-2 approved\nenrolment/node-1 ready\nenrolment/node-2 ready\n',
    err: /\n2 approved\n$/
  })
  const dry = await joinery(t, {}, 'approve', 'node-1', '--wait', '--dry-run=server')
  t.match(dry, { exitCode: 2, err: /a dry run approves nothing that --wait could wait for/ })
  t.match(await joinery(t, {}, 'approve', '--wait', 'node-1'), {
    exitCode: 2,
    err: /Allowed choices are joined, ready, in-service/
  })
})
