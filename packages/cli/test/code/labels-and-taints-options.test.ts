import { code, detail, enrolment, newCode } from '@joinery/testing/command/fixtures'
import { joinery } from '@joinery/testing/command/operators'
import t from 'tap'

const create = (...words: string[]) => ['code', 'create', ...words]

t.test('labels, taints and roles are written as kubectl writes them, and a role is a label', async (t) => {
  const words = ['--label', 'rack=r7', '--label', 'example.org/gpu=', '--node-role', 'edge', '--node-role', 'gpu']
  const taints = ['--taint', 'dedicated=edge:NoSchedule', '--taint', 'dedicated:NoExecute']
  for (const command of [create(), ['cloud-init']]) {
    const { exitCode, calls } = await joinery(t, { createCode: () => newCode }, ...command, ...words, ...taints)
    t.equal(exitCode, 0, command.join(' '))
    t.same(
      calls[0]?.body,
      {
        ttl: 1800,
        labels: {
          rack: 'r7',
          'example.org/gpu': '',
          'node-role.kubernetes.io/edge': '',
          'node-role.kubernetes.io/gpu': ''
        },
        taints: [
          { key: 'dedicated', value: 'edge', effect: 'NoSchedule' },
          { key: 'dedicated', value: '', effect: 'NoExecute' }
        ]
      },
      command.join(' ')
    )
  }
})

t.test('a label or taint that is given twice counts once', async (t) => {
  const words = ['--label', 'rack=r7', '--label', 'rack=r7', '--taint', 'a:NoExecute', '--taint', 'a=:NoExecute']
  const { calls } = await joinery(t, { createCode: () => newCode }, ...create(...words))
  t.match(calls[0]?.body, { labels: { rack: 'r7' }, taints: { length: 1 } })
})

const wrong: [string[], string][] = [
  [['--label', 'rack'], 'give KEY=VALUE; the value may be empty.'],
  [['--label', 'rack-'], 'give KEY=VALUE; the value may be empty.'],
  [['--label', 'rack=a b'], 'the value of a label is empty, or at most 63 letters'],
  [['--label', 'kubernetes.io/hostname=x'], 'the kubelet sets kubernetes.io/hostname itself.'],
  [['--label', 'rack=r7', '--label', 'rack=r8'], 'rack was given another value before.'],
  [['--node-role', 'control-plane'], 'itself, only on control planes.'],
  [['--node-role', 'node-role.kubernetes.io/edge'], 'give the name of a role, like edge.'],
  [['--node-role', ''], 'NAME is at most 63 letters'],
  [['--taint', 'dedicated'], 'give KEY=VALUE:EFFECT, or KEY:EFFECT.'],
  [['--taint', 'dedicated=edge'], 'give KEY=VALUE:EFFECT, or KEY:EFFECT.'],
  [['--taint', 'dedicated=edge:Never'], 'the effect is NoSchedule, PreferNoSchedule or NoExecute.'],
  [['--taint', 'node.kubernetes.io/not-ready:NoSchedule'], 'belong to the control plane, which removes them.'],
  [['--taint', 'a=b:NoExecute', '--taint', 'a=c:NoExecute'], 'a=b:NoExecute was given before.']
]

for (const [words, message] of wrong) {
  t.test(`${words.join(' ')} is refused before the server is asked`, async (t) => {
    const { exitCode, err, calls } = await joinery(t, { createCode: () => newCode }, ...create(...words))
    t.equal(exitCode, 2)
    t.match(err, message)
    t.same(calls, [])
  })
}

const labels = { rack: 'r7', 'node-role.kubernetes.io/edge': '' }
const taints = [{ key: 'dedicated', value: 'edge', effect: 'NoSchedule' as const }]
const rows = /\nLabels: +node-role\.kubernetes\.io\/edge=\n +rack=r7\nTaints: +dedicated=edge:NoSchedule\n/

t.test('labels and taints are shown with the code, with the enrolment, and before an approval', async (t) => {
  const shown = { ...code, labels, taints, users: [], timeline: [] }
  t.match((await joinery(t, { showCode: () => shown }, 'code', 'show', 'c1')).out, rows)
  const one = { ...detail, labels, taints }
  t.match((await joinery(t, { show: () => one }, 'show', 'node-1')).out, rows)
  const { err } = await joinery(t, { show: () => one, approve: () => enrolment }, 'approve', 'node-1', '--yes')
  t.match(
    err,
    'node-1: worker, label node-role.kubernetes.io/edge=, label rack=r7, taint dedicated=edge:NoSchedule, key 4f1c-22ab-0000-0000-0000'
  )
})
