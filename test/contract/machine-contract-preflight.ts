import type { Test } from 'tap'
import { factsOf, failsOnly, type OpenMachine, preflightOf } from './machine-fixture.ts'

/** In the order in which they are reported. */
export const checkNames = [
  'root',
  'kubelet-installed',
  'kubeadm-installed',
  'kubectl-installed',
  'programs',
  'version-skew',
  'kubelet-service',
  'swap',
  'kernel-modules',
  'sysctls',
  'kernel',
  'kube-proxy',
  'cgroups',
  'container-runtime',
  'cgroup-driver',
  'user-namespaces',
  'sandbox-image',
  'hostname',
  'name-lookup',
  'machine-identity',
  'disk-space',
  'open-files',
  'security-modules',
  'time-service',
  'ports-free',
  'earlier-join',
  'leftovers',
  'clock-skew',
  'api-endpoint',
  'pairing-server',
  'control-planes',
  'node-ip',
  'network-overlap',
  'proxy',
  'mtu',
  'firewall',
  'reachability'
]

export const noJoin = { unit: 'absent', output: [], bootstrapConf: false, kubeletConf: false }

/** Checks of what is on the disk and in the kernel. What a network answers, and how fast, is no trait of the machine. */
const lasting = ['swap', 'kernel-modules', 'sysctls', 'machine-identity', 'ports-free', 'earlier-join', 'leftovers']

export const preflightContract = async (t: Test, open: OpenMachine): Promise<void> => {
  const { machine, apiEndpoint } = open
  const fails = (...wanted: string[]) => failsOnly(open, preflightOf(apiEndpoint), ...wanted)

  await t.test('the facts are the same at each call', async (t) => {
    const facts = await factsOf(open)
    t.match(facts, { machineId: /^[0-9a-f]{32}$/, kubelet: /^v1\./, kubeadm: /^v1\./, runtime: /^containerd / })
    t.same(await factsOf(open), facts)
  })

  await t.test('the machine knows the space for images, and that it lacks an image that nobody made', async (t) => {
    const { free, total } = await machine.looking.imageSpace()
    t.ok(free > 0 && free <= total, `${free} of ${total}`)
    t.notOk(await machine.looking.hasImage('registry.example.org/nobody/made-this:v1'))
  })

  await t.test('a fresh machine has no traces of a join', async (t) => {
    t.same(await machine.looking.joinState(), noJoin)
    t.match(await machine.looking.nodeReadiness('worker-1'), {
      ready: false,
      message: 'the kubelet has no certificate yet'
    })
  })

  await t.test('a fresh machine has no traces of a cluster in its network', async (t) => {
    const { links, ...traces } = await machine.looking.networkTraces()
    t.same(traces, { cniFiles: [], chains: false, ipvs: false, kubeProxyTable: false })
  })

  await t.test('preflight reports every check once, in order, with a remedy if it fails', async (t) => {
    const checks = await machine.looking.preflight(preflightOf(apiEndpoint))
    t.same(
      checks.map(({ name }) => name),
      checkNames
    )
    for (const { name, remedy } of checks.filter(({ verdict }) => verdict === 'fail')) t.ok(remedy, name)
  })

  await t.test('preflight changes nothing', async (t) => {
    const look = async () =>
      (await machine.looking.preflight(preflightOf(apiEndpoint))).filter(({ name }) => lasting.includes(name))
    t.same(await look(), await look())
    t.same(await machine.looking.joinState(), noJoin)
  })

  await t.test('an API endpoint without a listener fails, and is named', async (t) => {
    const checks = await machine.looking.preflight(preflightOf(apiEndpoint.replace(/:\d+$/, ':1')))
    const check = checks.find(({ name }) => name === 'api-endpoint')
    t.match(check, { verdict: 'fail', finding: /:1 refuses the connection/, remedy: /# allow TCP port 1 / })
  })

  await t.test('on a plain Debian only modules and sysctls fail, and both are mended', async (t) => {
    await t.resolves(fails('kernel-modules', 'sysctls'))
    const { changes } = await machine.mending.mend(await machine.looking.preflight(preflightOf(apiEndpoint)), 'safe')
    t.match(changes, [
      { check: 'kernel-modules', what: 'wrote /etc/modules-load.d/joinery.conf' },
      { check: 'kernel-modules', what: 'loaded the kernel module br_netfilter' },
      { check: 'sysctls', what: 'wrote /etc/sysctl.d/99-zz-joinery.conf' },
      { check: 'sysctls', what: 'set net.ipv4.ip_forward', before: '0', after: '1' }
    ])
    await t.resolves(fails())
  })

  await t.test('a mend of what is mended, or does not fail, changes nothing', async (t) => {
    const failed = ['kernel-modules', 'sysctls'].map(
      (name) => ({ name, verdict: 'fail', finding: '', mends: 'safe' }) as const
    )
    t.same(await machine.mending.mend(failed, 'safe'), { changes: [] })
    t.same(await machine.mending.mend(await machine.looking.preflight(preflightOf(apiEndpoint)), 'safe'), {
      changes: []
    })
  })

  await t.test('without a join it is safe to close one and to remove secrets', async (t) => {
    await machine.joining.closeJoin()
    await machine.joining.closeJoin()
    await machine.joining.removeSecrets()
    t.same(await machine.looking.joinState(), noJoin)
    await t.resolves(fails())
  })
}
