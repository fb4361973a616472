import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { alertEvents } from '@joinery/protocol'
import { runWith } from '@joinery/testing/command/operators'
import { joinOutside } from '@joinery/testing/pairing/outside-joinery'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { refusedWith } from '@joinery/testing/pairing/steps'
import t from 'tap'
import { readmeCommands } from '../readme-commands.ts'
import { root } from './pages.ts'

const page = readFileSync(join(root, 'docs/how-to/alerts.md'), 'utf8')
const type = ({ config }: Pairing, command: string) =>
  runWith(command.split(' ').slice(1), { socket: config.operators.socket, ask: async () => 'y' })

t.test('the commands for a look show the alert', async (t) => {
  const pairing = await openPairing(t)
  await pairing.reconcile()
  await joinOutside(pairing.cluster, pairing.clock, 'worker-9')
  await pairing.reconcile()
  for (const command of readmeCommands(page, 'look')) {
    const { exitCode, out, err } = await type(pairing, command)
    t.equal(exitCode, 0, `${command}\n${err}`)
    if (!command.endsWith('list')) t.match(out, 'worker-9', command)
  }
})

t.test('the commands that end a freeze also work for the second key', async (t) => {
  const pairing = await openPairing(t)
  const { code } = await pairing.code('worker-1')
  await (await pairing.machine()).enrol(code)
  const right = await pairing.machine()
  await refusedWith(right.enrol(code))
  const [show = '', release = '', ...others] = readmeCommands(page, 'two keys')
  const { fingerprint } = right.identity
  t.match((await type(pairing, show)).out, release.replace('KEY', fingerprint), 'it is shown')
  for (const command of [release.replace('KEY', fingerprint), ...others]) {
    const { exitCode, err } = await type(pairing, command)
    t.equal(exitCode, 0, `${command}\n${err}`)
  }
  t.match(await pairing.operator.show('worker-1'), { state: 'approved', key: fingerprint })
})

t.test('the page has a row for each alert that the server tells, and for no other', async (t) => {
  const [, table = ''] = /^## What each means$([\s\S]*?)^## /m.exec(page) ?? []
  const rows = new Set([...table.matchAll(/^\| `([a-z-]+)`[:, |]/gm)].map(([, event]) => event))
  t.same([...rows].sort(), [...alertEvents])
})
