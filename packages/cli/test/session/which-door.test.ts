import { CommandEnd } from '@joinery/host/command-end'
import { runWith } from '@joinery/testing/command/operators'
import t from 'tap'
import { connect } from '../../src/session/client.ts'
import {
  type Around,
  decideDoor,
  defaultSocket,
  type Named,
  serverConfiguration
} from '../../src/session/which-door.ts'

const own = '/home/alice/.kube/config'

/** A laptop of alice, who has a kubeconfig, unless the row says otherwise. */
const around = (differs: Partial<Omit<Around, 'exists'>> = {}, there: readonly string[] = [own]): Around => ({
  isRoot: false,
  environment: undefined,
  socket: undefined,
  home: '/home/alice',
  exists: (path) => there.includes(path),
  ...differs
})

const chosen = (named: Named, where: Around): unknown => {
  const door = decideDoor(named, where)
  if (door.to === 'socket') return door.path
  const { files, context, flags } = door.kubeconfig
  return { files, ...(context !== undefined && { context }), flags }
}

t.test('the door that is named is taken, else the socket by root, else the cluster of kubectl', async (t) => {
  const all = [own, defaultSocket, '/a', '/b']
  const rows: [string, Named, Around, unknown][] = [
    ['a socket', { socket: '/s' }, around(), '/s'],
    ['a socket that is empty: the client refuses it', { socket: '' }, around(), ''],
    ['the socket of the environment', {}, around({ socket: '/e' }), '/e'],
    ['the socket of the environment, by root on the host', {}, around({ isRoot: true, socket: '/e' }, all), '/e'],
    ['a socket, and one of the environment', { socket: '/s' }, around({ socket: '/e' }), '/s'],
    [
      'a context, and a socket of the environment',
      { context: 'c' },
      around({ socket: '/e' }),
      { files: [own], context: 'c', flags: ['--context', 'c'] }
    ],
    ['a socket of the environment that is empty', {}, around({ socket: '' }), { files: [own], flags: [] }],
    ['a kubeconfig', { kubeconfig: '/a' }, around(), { files: ['/a'], flags: ['--kubeconfig', '/a'] }],
    [
      'a kubeconfig, by root on the host',
      { kubeconfig: '/a' },
      around({ isRoot: true }, all),
      { files: ['/a'], flags: ['--kubeconfig', '/a'] }
    ],
    ['a context', { context: 'c' }, around(), { files: [own], context: 'c', flags: ['--context', 'c'] }],
    [
      'a context, by root on the host',
      { context: 'c' },
      around({ isRoot: true }, all),
      { files: [own], context: 'c', flags: ['--context', 'c'] }
    ],
    [
      'a context of KUBECONFIG',
      { context: 'c' },
      around({ environment: '/a::/b' }),
      { files: ['/a', '/b'], context: 'c', flags: ['--context', 'c'] }
    ],
    [
      'both of them',
      { kubeconfig: '/a', context: 'c' },
      around(),
      { files: ['/a'], context: 'c', flags: ['--kubeconfig', '/a', '--context', 'c'] }
    ],
    ['nothing, by root on the host', {}, around({ isRoot: true, environment: '/a' }, all), defaultSocket],
    [
      'nothing, by root on the host of a server that is off',
      {},
      around({ isRoot: true }, [own, serverConfiguration]),
      defaultSocket
    ],
    ['nothing, by alice on such a host', {}, around({}, [own, serverConfiguration]), { files: [own], flags: [] }],
    ['nothing, by root on another machine', {}, around({ isRoot: true }), { files: [own], flags: [] }],
    ['nothing, by alice on the host', {}, around({}, all), { files: [own], flags: [] }],
    ['nothing, with KUBECONFIG', {}, around({ environment: '/a:/b' }, ['/b']), { files: ['/a', '/b'], flags: [] }],
    ['nothing, with a KUBECONFIG that is not there', {}, around({ environment: '/a' }), defaultSocket],
    ['nothing, without any kubeconfig', {}, around({}, []), defaultSocket],
    ['nothing, without a home', {}, around({ home: undefined }, []), defaultSocket]
  ]
  for (const [what, named, where, door] of rows) t.same(chosen(named, where), door, what)
})

t.test('U16: a first call that finds neither a kubeconfig nor a socket says how to name the cluster', async (t) => {
  const rows: [Around, readonly string[] | undefined][] = [
    [around({}, []), [own]],
    [around({ environment: '/a:/b' }), ['/a', '/b']],
    [around({ home: undefined }, []), []],
    // the host of a server that is off is no laptop
    [around({ isRoot: true }, [serverConfiguration]), undefined]
  ]
  for (const [where, lacks] of rows) {
    const door = decideDoor({}, where)
    t.same(door, { to: 'socket', path: defaultSocket, ...(lacks && { lacks }) })
    const client = connect('/nowhere/operator.sock', lacks && { lacks })
    t.teardown(client.close)
    await t.rejects(client.list(), {
      exitCode: 1,
      message: lacks
        ? `there is no kubeconfig ${lacks.length > 0 ? `${lacks.join(', ')} ` : ''}here, and no pairing server listens on /nowhere/operator.sock`
        : 'no pairing server listens on /nowhere/operator.sock',
      remedy: lacks
        ? /^name the cluster: --kubeconfig FILE, or --context NAME \(docs\/how-to\/kubernetes\.md\); or run it as root/
        : /^run it on the host of the pairing server/
    })
  }
})

const exitCodeOf = (work: () => unknown): number | undefined => {
  try {
    work()
    return undefined
  } catch (error) {
    return error instanceof CommandEnd ? error.exitCode : undefined
  }
}

t.test('two doors at once, and a name that is empty, are usage errors', async (t) => {
  for (const named of [
    { socket: '/s', kubeconfig: '/a' },
    { socket: '/s', context: 'c' },
    { kubeconfig: '' },
    { context: '' }
  ]) {
    t.equal(
      exitCodeOf(() => decideDoor(named, around())),
      2,
      JSON.stringify(named)
    )
  }
})

t.test('the options may stand before and behind the command, and completion knows them', async (t) => {
  for (const words of [
    ['--socket', '/s', 'list', '--context', 'c'],
    ['list', '--kubeconfig', '/a', '--socket', '/s'],
    ['--socket=/s', '--context=c', 'remove', 'node-1']
  ]) {
    t.match(await runWith(words), { exitCode: 2, err: /^error: --socket names the pairing server/ }, words.join(' '))
  }
  const nowhere = await runWith(['--kubeconfig', '/nowhere/a', 'list'])
  t.match(nowhere, {
    exitCode: 1,
    err: 'error: there is no kubeconfig /nowhere/a\nremedy: name another one: --kubeconfig FILE, --context NAME\n'
  })
  t.match(await runWith(['--context', 'delete', 'ls']), { exitCode: 2, err: /unknown command 'ls'/ })
  t.match(await runWith(['__complete', 'list', '--k']), { out: /^--kubeconfig\t/ })
  t.match(await runWith(['__complete', 'list', '--kubeconfig', '']), { out: ':0\n' }, 'the shell offers files')
  t.match(await runWith(['__complete', '--context', '']), { out: ':4\n' })
  t.match(await runWith(['__complete', '--kubeconfig', '/nowhere', 'show', '']), { exitCode: 0, out: ':4\n', err: '' })
})

t.test('a pin that is typed is a whole one, and goes with a cluster', async (t) => {
  const pin = `sha256:${'a'.repeat(64)}`
  t.match(await runWith(['--socket', '/s', '--pin', pin, 'list']), {
    exitCode: 2,
    err: /--pin is for a cluster/
  })
  t.match(await runWith(['--kubeconfig', '/nowhere', '--pin', 'sha256:aa', 'list']), {
    exitCode: 2,
    err: /the pin of --pin is not a whole one/
  })
})
