import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AgentConfig } from '@joinery/agent/testing/program'
import { parseConfig } from '@joinery/host/config-file'
import { manifests } from '@joinery/kube/manifests'
import { CodeTemplateSpec } from '@joinery/protocol/door'
import { ServerConfig } from '@joinery/server/testing/config'
import { eventually } from '@joinery/testing/clocks/eventually'
import { shortSleep } from '@joinery/testing/clocks/short-sleep'
import { pkiOf } from '@joinery/testing/command/control-plane-host'
import { runWith } from '@joinery/testing/command/operators'
import { atPresent, kubernetesFront } from '@joinery/testing/front/kubernetes-front'
import { clusterKeys, enrolled as enrolledControlPlane } from '@joinery/testing/pairing/control-planes'
import { openDoorPairing } from '@joinery/testing/pairing/kubernetes-door'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { enrolled } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { readmeCommands } from '../readme-commands.ts'
import { pageFile } from './page-files.ts'
import { root } from './pages.ts'
import { shellWords, typeIn, whileTheyJoin } from './type-in.ts'

const page = (name: string): string => readFileSync(join(root, `docs/how-to/${name}.md`), 'utf8')

/** A pairing server with an agent's package. The present folder is one of the test's own, as for a reader of the page. */
const openInFolder = async (t: Test, files: Record<string, string> = {}) => {
  const folder = t.testdir({ 'agent.deb': 'a package', ...files })
  process.chdir(folder)
  t.teardown(() => process.chdir(root))
  return openPairing(t, { agentPackage: join(folder, 'agent.deb') })
}

t.test('three control planes: the commands invite two', async (t) => {
  const pairing = await openInFolder(t)
  for (const command of readmeCommands(page('three-control-planes'), 'invite')) {
    const { exitCode, err } = await typeIn(pairing, command)
    t.equal(exitCode, 0, `${command}\n${err}`)
  }
  for (const name of ['cp-2', 'cp-3']) t.match(readFileSync(`${name}.user-data`, 'utf8'), `name: ${name}`, name)
  const { items } = await pairing.operator.listCodes()
  t.same(
    items.map(({ role }) => role),
    ['control-plane', 'control-plane']
  )
})

t.test('three control planes: the commands approve each and wait for it, one after the other', async (t) => {
  const text = page('three-control-planes')
  const pairing = await openPairing(t)
  const machines = new Map<string, Awaited<ReturnType<typeof enrolledControlPlane>>['machine']>()
  for (const [block, name] of [
    ['second', 'cp-2'],
    ['third', 'cp-3']
  ] as const) {
    machines.set(name, (await enrolledControlPlane(pairing, name)).machine)
    const terminal = { pki: pkiOf(t, clusterKeys), pause: whileTheyJoin(pairing, machines) }
    for (const command of readmeCommands(text, block)) {
      const { exitCode, err } = await typeIn(pairing, command, terminal)
      t.equal(exitCode, 0, `${command}\n${err}`)
    }
    t.match(await pairing.operator.show(name), { state: 'ready', role: 'control-plane' }, name)
  }
})

t.test('three control planes: the cluster is hardened as the README does', async (t) => {
  const readme = readmeCommands(readFileSync(join(root, 'README.md'), 'utf8'), 'cluster')
  t.same(readmeCommands(page('three-control-planes'), 'harden'), readme)
})

t.test('bare metal: the commands invite fifty machines, approve a rack in waves, and close the code', async (t) => {
  const text = page('bare-metal')
  const pairing = await openInFolder(t)
  for (const command of readmeCommands(text, 'one code')) {
    const { exitCode, err } = await typeIn(pairing, command)
    t.equal(exitCode, 0, `${command}\n${err}`)
  }
  t.ok(statSync('user-data').size > 0)
  t.match((await pairing.operator.listCodes()).items, [{ uses: 50, labels: { rack: 'r7' } }])
  const { code } = await pairing.operator.createCode({ uses: 2, ttl: 600, name: 'worker-{n}', labels: { rack: 'r7' } })
  const machines = new Map<string, Awaited<ReturnType<typeof pairing.machine>>>()
  for (const name of ['worker-1', 'worker-2']) {
    const machine = await pairing.machine()
    await machine.enrol(code)
    machines.set(name, machine)
  }
  const terminal = { pause: whileTheyJoin(pairing, machines) }
  for (const command of [...readmeCommands(text, 'approve'), ...readmeCommands(text, 'close')]) {
    const { exitCode, err } = await typeIn(pairing, command, terminal)
    t.equal(exitCode, 0, `${command}\n${err}`)
  }
  for (const name of machines.keys()) t.match(await pairing.operator.show(name), { state: 'ready' }, name)
  const open = (await pairing.operator.listCodes()).items.filter(({ status }) => status === 'open')
  t.same(open, [], 'no code is left open')
})

t.test('virtual machines: the commands wait for the machine, and approve it', async (t) => {
  const pairing = await openPairing(t)
  await enrolled(pairing, 'worker-1')
  for (const command of readmeCommands(page('virtual-machines'), 'approve')) {
    const { exitCode, err } = await typeIn(pairing, command)
    t.equal(exitCode, 0, `${command}\n${err}`)
  }
  t.match(await pairing.operator.show('worker-1'), { state: 'approved' })
})

t.test('machines like RHEL: the code has what the page puts into user-data, and the agent takes it', async (t) => {
  const text = page('rhel-like')
  const pairing = await openPairing(t)
  const [command = ''] = readmeCommands(text, 'code')
  const { exitCode, out, err } = await typeIn(pairing, command)
  t.equal(exitCode, 0, err)
  const { code, install } = JSON.parse(out)
  const userData = parse(pageFile(text, 'user-data').replace('CODE', code).replace('sha256:PIN', install.pin))
  const content = (path: string) => userData.write_files.find((file: { path: string }) => file.path === path)?.content
  t.match(parseConfig(AgentConfig, content('/etc/joinery/agent.yaml')), {
    value: { pin: install.pin, name: 'worker-1' }
  })
  t.equal(content('/etc/joinery/code'), `${code}\n`)
})

t.test('GitOps: the manifests need no cluster, and have the roles that the page binds', async (t) => {
  const text = page('gitops')
  process.chdir(t.testdir({}))
  t.teardown(() => process.chdir(root))
  const [command = ''] = readmeCommands(text, 'manifests')
  const { exitCode, out, err } = await runWith(shellWords(command).words)
  t.equal(exitCode, 0, err)
  const made = parseAllDocuments(out).map((document) => document.toJS())
  const [binding, template] = parseAllDocuments(pageFile(text, 'joinery-access.yaml')).map((document) =>
    document.toJS()
  )
  t.ok(made.some(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === binding.roleRef.name))
  t.match(parseConfig(CodeTemplateSpec, stringify(template.spec)), { value: { uses: 10 } })
  const banList = manifests({ credential: 'token', kubeProxy: true, serving: false, diagnosis: false }).find(
    ({ metadata }) => metadata.name === 'joinery-banned'
  )
  t.match(parse(pageFile(text, 'argocd-ignore.yaml')).ignoreDifferences, [
    { kind: banList?.kind, name: 'joinery-banned', namespace: banList?.metadata.namespace }
  ])
})

t.test('GitOps: somebody makes a code of the template', async (t) => {
  const text = page('gitops')
  const folder = t.testdir({ 'agent.deb': 'a package' })
  const pairing = await openDoorPairing(t, atPresent, { config: { agentPackage: join(folder, 'agent.deb') } })
  const front = await kubernetesFront(t, pairing.cluster)
  await eventually('the Installation', () => pairing.cluster.views.statuses('installations').size > 0)
  const [, template] = parseAllDocuments(pageFile(text, 'joinery-access.yaml')).map((document) => document.toJS())
  front.template(template.metadata.name, template.spec)
  const kubeconfig = join(folder, 'config')
  const config = readFileSync(await front.kubeconfig(), 'utf8').replace(/\bcontext$/gm, 'prod')

  writeFileSync(kubeconfig, config)
  for (const command of readmeCommands(text, 'template')) {
    const { exitCode, out, err } = await runWith(shellWords(command).words, {
      kubeconfig,
      pin: pairing.pin,
      now: () => new Date(),
      pause: shortSleep(5)
    })
    t.equal(exitCode, 0, `${command}\n${err}`)
    t.match(out, /^#cloud-config\n/)
  }
  t.match([...front.codes.values()], [{ spec: { name: 'worker-{n}', uses: 10, labels: { rack: 'r7' } } }])
})

t.test('networks: the commands make user-data with mirrors, and a code for an IPv6 network', async (t) => {
  const text = page('networks')
  const pairing = await openInFolder(t, { 'Release.key': '-----BEGIN PGP PUBLIC KEY BLOCK-----\n' })
  for (const command of ['air gap', 'mirror', 'ipv6'].flatMap((block) => readmeCommands(text, block))) {
    const { exitCode, err } = await typeIn(pairing, command)
    t.equal(exitCode, 0, `${command}\n${err}`)
  }
  t.match(readFileSync('user-data', 'utf8'), 'mirror.example.org')
  t.match(parseConfig(ServerConfig, pageFile(text, 'server.yaml')), { value: { agents: { listen: '[::]:7443' } } })
})
