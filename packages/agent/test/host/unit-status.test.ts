import { setImmediate } from 'node:timers/promises'
import type { ExecOptions } from '@joinery/host/exec'
import { eventually } from '@joinery/testing/clocks/eventually'
import t from 'tap'
import { systemdStatus } from '../../src/host/unit-status.ts'

t.test('without systemd nothing is run', async () => {
  systemdStatus(() => {
    throw new Error('ran')
  }, undefined)('waiting')
})

t.test('texts reach systemd in order, one at a time, each on one line, and a failure is ignored', async (t) => {
  const seen: string[] = []
  let running = 0
  const exec = async (argv: readonly string[], options?: ExecOptions) => {
    t.equal(++running, 1)
    await setImmediate()
    running--
    seen.push(argv.join(' '))
    t.same(options, { env: { NOTIFY_SOCKET: '/run/systemd/notify' } })
    throw new Error('no such socket')
  }
  const status = systemdStatus(exec, '/run/systemd/notify')
  status('waiting for approval')
  status('joining\nREADY=1\0')
  await eventually('both are said', () => seen.length === 2)
  t.same(seen, ['systemd-notify --status=waiting for approval', 'systemd-notify --status=joining READY=1 '])
})

t.test('a text that systemd already shows is sent again only if it did not arrive', async (t) => {
  let sent = 0
  let fails = false
  const status = systemdStatus(async () => {
    sent += 1
    if (fails) throw new Error('no such socket')
    return ''
  }, '/run/systemd/notify')
  const say = async (text: string) => {
    status(text)
    for (let turn = 0; turn < 3; turn += 1) await setImmediate()
    return sent
  }
  t.equal(await say('joining'), 1)
  t.equal(await say('joining'), 1)
  fails = true
  t.equal(await say('joined'), 2)
  t.equal(await say('joined'), 3)
})
