import t from 'tap'
import { decideWay, tell, usualWay } from '../../src/session/told.ts'
import type { Around, Named } from '../../src/session/which-door.ts'
import { adminConf } from '../../src/terminal/kubeconfig.ts'

const own = '/home/alice/.kube/config'

/** A laptop with kubectl's own kubeconfig, unless the row says otherwise. */
const laptop: Around = {
  isRoot: false,
  environment: undefined,
  socket: undefined,
  home: '/home/alice',
  exists: (path) => path === own
}
const host: Around = { ...laptop, isRoot: true, home: '/root', exists: () => true }

t.test('a command that is printed names what was typed, and not what its shell knows already', async (t) => {
  const admin = `--kubeconfig ${adminConf}`
  const rows: [what: string, named: Named, around: Around, joinery: string, sudo: string, kubectl: string][] = [
    ['nothing, on a laptop', {}, laptop, '', '', ''],
    ['a context', { context: 'prod' }, laptop, '--context prod', '', '--context prod'],
    ['a kubeconfig', { kubeconfig: 'a b' }, laptop, `--kubeconfig 'a b'`, '', `--kubeconfig 'a b'`],
    [
      'both',
      { kubeconfig: 'a', context: "it's" },
      laptop,
      `--kubeconfig a --context 'it'\\''s'`,
      '',
      `--kubeconfig a --context 'it'\\''s'`
    ],
    ['KUBECONFIG, which is there', {}, { ...laptop, environment: own }, '', '', ''],
    [
      'a context of KUBECONFIG',
      { context: 'prod' },
      { ...laptop, environment: own },
      '--context prod',
      '',
      '--context prod'
    ],
    [
      'a program that may run as root',
      { context: 'c', allowExec: true },
      host,
      '--context c --allow-exec',
      '',
      '--context c'
    ],
    ['nothing, on the host of the server', {}, host, '', '', admin],
    ['KUBECONFIG, on the host of the server', {}, { ...host, environment: '/k' }, '', '', ''],
    ['a socket', { socket: '/s' }, host, '--socket /s', '--socket /s', admin],
    ['JOINERY_SOCKET, which sudo takes away', {}, { ...host, socket: '/s' }, '', '--socket /s', admin],
    ['a context beside JOINERY_SOCKET', { context: 'c' }, { ...laptop, socket: '/s' }, '--context c', '', '--context c']
  ]
  for (const [what, named, around, joinery, sudo, kubectl] of rows)
    t.same(decideWay(named, around, false), { joinery, sudo, kubectl }, what)
  t.equal(decideWay({}, laptop, true).kubectl, admin, 'the commands of the cluster take an administrator’s kubeconfig')
})

t.test('each command of a text gets the flags, where it stands', async (t) => {
  const way = { joinery: "--context '$& x'", sudo: '--socket /s', kubectl: '--context prod' }
  const verbs = new Set(['list', 'show', 'code', 'get', 'status'])
  const ours = `joinery ${way.joinery}`
  const rows: [text: string, told: string][] = [
    ['joinery list', `${ours} list`],
    ['look again: joinery show node-1', `look again: ${ours} show node-1`],
    ['joinery show a; joinery code revoke b', `${ours} show a; ${ours} code revoke b`],
    ['use it (joinery list), or kubectl get csr', `use it (${ours} list), or kubectl --context prod get csr`],
    ['kubectl --namespace kube-system get pods', 'kubectl --context prod --namespace kube-system get pods'],
    ['sudo joinery show node-1      on its host', 'sudo joinery --socket /s show node-1      on its host'],
    // said twice by two who do not know of one another
    [`${ours} list`, `${ours} list`],
    ['kubectl --kubeconfig /a get nodes', 'kubectl --kubeconfig /a get nodes'],
    // words, files and other programs
    ['# on a control plane: kubectl get csr', '# on a control plane: kubectl get csr'],
    ['see whether joinery is as new as the server', 'see whether joinery is as new as the server'],
    [
      'joinery-agent status; /etc/joinery list; systemctl restart joinery-server',
      'joinery-agent status; /etc/joinery list; systemctl restart joinery-server'
    ],
    ['', '']
  ]
  for (const [text, told] of rows) t.equal(tell(text, way, verbs), told, text)
  for (const [text] of rows) t.equal(tell(text, usualWay, verbs), text, `${text}, if no way was named`)
})
