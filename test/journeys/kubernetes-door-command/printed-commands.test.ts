import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '@joinery/testing/clocks/eventually'
import { runWith } from '@joinery/testing/command/operators'
import { approve, enrolled } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'
import { openBehindFront } from './behind-the-front.ts'

/** Each command of ours or of kubectl in what was printed, with the words after it. Comments say where theirs belong. */
const commandsIn = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .flatMap((line) =>
      [...line.matchAll(/(?<![\w./-])(?:sudo )?(?:joinery|kubectl) (?=[a-z-])[^;,]*/g)].map(([one]) => one)
    )

/** Command lines of every kind, most of which end with a command for the person. */
const lines = [
  ['list'],
  ['list', '--state', 'pending'],
  ['list', '--limit', '1'],
  ['show', 'waits'],
  ['show', 'frozen'],
  ['show', 'approved'],
  ['show', 'ghost'],
  ['why', 'approved'],
  ['why', 'waits', '-o', 'json'],
  ['logs', 'waits'],
  ['logs', 'waits', '--previous'],
  ['status'],
  ['status', '-o', 'json'],
  ['nodes'],
  ['nodes', '--limit', '1'],
  ['wait', 'approved', '--timeout', '0s'],
  ['wait', 'ghost', '--timeout', '0s'],
  ['wait', 'waits', '--for', 'removed', '--timeout', '0s'],
  ['approve', 'waits', '--revision', '99'],
  ['approve', 'waits', '--key', 'f'.repeat(20)],
  ['approve', 'waits'],
  ['approve', 'ghost', '--yes'],
  ['retry', 'waits', '--yes'],
  ['release', 'waits', '--key', 'f'.repeat(20)],
  ['remove', 'waits', '--yes'],
  ['grant', 'cp-2'],
  ['join-command', '--name', 'hand', '--discovery', 'file'],
  ['code', 'create', '--name', 'coded'],
  ['code', 'create', '--name', 'coded', '--template', 'none'],
  ['code', 'list', '--limit', '1'],
  ['code', 'show', 'none'],
  ['code', 'revoke', 'none'],
  ['cloud-init', '--name', 'coded'],
  ['webhook', 'list'],
  ['policy', 'show'],
  ['audit', 'verify'],
  ['audit', 'key', '--log', '1999'],
  ['bundle', '--out', '/nowhere/bundle.tar.gz'],
  // these change something, so they are the last ones
  ['approve', 'waits', '--yes'],
  ['reject', 'waits', '--reason', 'x'],
  ['approve', 'waits', '--yes'],
  ['retry', 'waits', '--yes']
]

/** A server with machines that wait, are frozen, approved, and whose Node is there. */
const withMachines = async (t: Test) => {
  const behind = await openBehindFront(t)
  const { pairing } = behind
  for (const name of ['waits', 'other', 'approved', 'frozen']) await enrolled(pairing, name)
  await approve(pairing, 'approved')
  const { code } = await pairing.code('frozen-2')
  await (await pairing.machine()).enrol(code)
  await (await pairing.machine()).enrol(code).catch(() => undefined)
  const control = await pairing.machine()
  await control.enrol((await pairing.operator.createCode({ name: 'cp-2', role: 'control-plane', ttl: 1800 })).code)
  const { items } = await pairing.operator.list()
  await eventually('the views', () => items.every(({ id }) => pairing.cluster.views.statuses('enrolments').has(id)))
  return { ...behind, names: items.map(({ name }) => name) }
}

t.test('U4: each command that is printed over the socket names the socket that was typed', async (t) => {
  const { pairing } = await withMachines(t)
  const { socket } = pairing.config.operators
  const seen: string[] = []
  for (const words of lines) {
    const { out, err } = await runWith(['--socket', socket, ...words], { root: true })
    for (const command of commandsIn(out + err)) {
      seen.push(command)
      const names = /^(sudo )?joinery /.test(command) ? /^(sudo )?joinery --socket / : /^kubectl --kubeconfig /
      t.match(command, names, words.join(' '))
    }
  }
  t.ok(seen.length > 30, `${seen.length} commands`)
})

t.test(
  'U4: each command that is printed over the cluster names the kubeconfig and the context that were typed',
  async (t) => {
    const { front, pairing } = await withMachines(t)
    const kubeconfig = join(t.testdir({}), 'own config')
    copyFileSync(await front.kubeconfig(), kubeconfig)
    const flags = `--kubeconfig '${kubeconfig}' --context context `
    const seen: string[] = []
    for (const words of lines) {
      const { out, err } = await runWith(['--kubeconfig', kubeconfig, '--context', 'context', ...words], {
        pin: pairing.pin
      })
      for (const command of commandsIn(out + err)) {
        seen.push(command)
        // what only root can do on a host goes by the socket there
        if (!command.startsWith('sudo joinery '))
          t.ok(command.startsWith(`${command.split(' ')[0]} ${flags}`), `${words.join(' ')}: ${command}`)
      }
    }
    t.ok(seen.length > 30, `${seen.length} commands`)
  }
)

t.test('U4: a command that names nothing prints commands that name nothing', async (t) => {
  const { front, pairing } = await withMachines(t)
  const { socket } = pairing.config.operators
  for (const around of [{ socket }, { kubeconfig: await front.kubeconfig() }])
    for (const words of [['list'], ['show', 'waits'], ['show', 'ghost'], ['status']]) {
      const { out, err } = await runWith(words, { ...around, pin: pairing.pin })
      for (const command of commandsIn(out + err).filter((one) => one.startsWith('joinery')))
        t.notMatch(command, /--(socket|context|kubeconfig)/, words.join(' '))
    }
})
