import t from 'tap'
import { kubeletUnit, lastLines } from '../../../src/machine/way-back/debian-recovering.ts'
import { recorder } from '../../support/recorder.ts'

/** The unit as `systemctl show` prints it; the time in microseconds since boot. */
const unit = (state: string, since: number, log = 'Started kubelet.service') =>
  recorder((command) =>
    command.startsWith('systemctl') ? `ActiveState=${state}\nActiveEnterTimestampMonotonic=${since * 1000}\n` : log
  ).exec

const anonymous =
  'E1127 10:00:00 leases.go:12] "Failed to update lease" err="leases.coordination.k8s.io \\"worker-1\\" is forbidden: User \\"system:anonymous\\" cannot get resource"'
const unauthorized = 'E1127 10:00:00 controller.go:145] "Failed to update lease" err="Unauthorized"'

t.test(
  'the unit tells a kubelet that runs from one that ends again and again, and from one that is stopped',
  async (t) => {
    const minute = 60_000
    const rows: [string, ReturnType<typeof unit>, object][] = [
      ['it has run for a minute', unit('active', 0), { state: 'runs', refused: false }],
      ['it has just begun', unit('active', 1), { state: 'ends' }],
      ['it waits to be started again', unit('activating', 0), { state: 'ends' }],
      ['somebody stopped it', unit('inactive', 0), { state: 'stopped' }],
      ['it failed for good', unit('failed', 0), { state: 'stopped' }],
      ['it asks as anybody', unit('active', 0, `a\n${anonymous}\nb`), { state: 'runs', refused: true }],
      ['it was refused', unit('active', 0, unauthorized), { state: 'runs', refused: true }]
    ]
    for (const [what, exec, state] of rows) t.same(await kubeletUnit(exec, minute), state, what)
  }
)

t.test('a log that cannot be read says nothing', async (t) => {
  const { exec } = recorder((command) => {
    if (command.startsWith('journalctl')) throw new Error('no journal')
    return 'ActiveState=active\nActiveEnterTimestampMonotonic=0\n'
  })
  t.same(await kubeletUnit(exec, 60_000), { state: 'runs', refused: false })
  t.same(await lastLines(exec), [])
})

t.test('the last lines have no secrets, and each has its end', async (t) => {
  const { exec, commands } = recorder(() => `token abcdef.0123456789abcdef\n\n${'x'.repeat(1000)}\n`)
  t.same(await lastLines(exec), ['token abcdef.<secret>', 'x'.repeat(512)])
  t.match(commands, [/--lines=20/])
})
