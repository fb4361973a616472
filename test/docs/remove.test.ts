import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runWith } from '@joinery/testing/command/operators'
import { ready } from '@joinery/testing/pairing/joined'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import t, { type Test } from 'tap'
import { readmeCommands } from '../readme-commands.ts'
import { root } from './pages.ts'

const page = readFileSync(join(root, 'docs/how-to/remove-and-replace.md'), 'utf8')

/** Runs a command of the page, with a person who types the name that is asked for, or yes, and a kubectl that drains. */
const run = async (t: Test, { config }: Pairing, command: string): Promise<string[]> => {
  const drained: string[] = []
  const { exitCode, err } = await runWith(['--socket', config.operators.socket, ...command.split(' ').slice(1)], {
    ask: async (question) => /^Type (\S+) to/.exec(question)?.[1] ?? 'y',
    exec: async (argv) => {
      drained.push(argv.join(' '))
      return ''
    }
  })
  t.equal(exitCode, 0, `${command}\n${err}`)
  return drained
}

t.test('the page removes machines as it says', async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, 'worker-1')
  await ready(pairing, 'worker-2')
  const drained: string[] = []
  for (const command of readmeCommands(page, 'remove')) drained.push(...(await run(t, pairing, command)))
  t.equal(drained.length, 1, 'one without a drain')
  const [, shown = ''] = /`kubectl (drain worker-1 [^`]*)`/.exec(page) ?? []
  t.ok(drained[0]?.endsWith(shown), shown)
  t.same(await pairing.cluster.nodes(), [])
})

t.test('the page replaces a machine as it says', async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, 'worker-3')
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('worker-3')).code)
  for (const command of readmeCommands(page, 'replace')) await run(t, pairing, command)
  const { items } = await pairing.operator.list()
  t.same(
    items.map(({ state }) => state),
    ['removed', 'approved']
  )
})

t.test('the page and the command agree on what is left to do on the machine', async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, 'worker-1')
  const { err } = await runWith([
    '--socket',
    pairing.config.operators.socket,
    'remove',
    'worker-1',
    '--yes',
    '--no-drain'
  ])
  const [, block = ''] = /```sh\n(kubeadm reset[^`]*)```/.exec(page) ?? []
  for (const command of block.trim().split('\n')) t.ok(err.includes(command), command)
  t.not(block, '')
})
