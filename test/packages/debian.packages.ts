import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { agentUnit, kubernetesUnit } from '@joinery/cli/testing/code'
import t, { type Test } from 'tap'
import packageJson from '../../package.json' with { type: 'json' }
import { debianVersion } from '../../packaging/release/version.ts'
import { settingsOf } from '../cluster/bed/settings.ts'
import { waitFor } from '../cluster/bed/wait-for.ts'
import { makeRootfs, type Suite, suites } from './rootfs.ts'
import { bootSmallMachine, type SmallMachine } from './small-machine.ts'
import { tree } from './tree.ts'

/** The packages in dist/, installed, upgraded, removed and purged on small machines with a real dpkg and a real systemd. */
t.setTimeout(0)

const minutes = 60_000
const { cache, logs } = settingsOf(process.env, new Date())
mkdirSync(logs, { recursive: true })
const dist = fileURLToPath(new URL('../../dist', import.meta.url))
/** The packages. Each brings the program of its name. */
const names = ['joinery-agent', 'joinery-server', 'joinery'] as const
const fileOf = (name: string, architecture: string) =>
  `${name}_${debianVersion(packageJson.version)}_${architecture}.deb`
const here = process.arch === 'arm64' ? 'arm64' : 'amd64'

t.test('lintian finds no error in the packages', async (t) => {
  for (const name of names) {
    for (const architecture of ['amd64', 'arm64']) {
      const file = join(dist, fileOf(name, architecture))
      const { status, stdout, stderr } = spawnSync('lintian', ['--fail-on', 'error', file], { encoding: 'utf8' })
      t.equal(status, 0, fileOf(name, architecture), { stdout, stderr })
      // each program has a page that man and apropos can read
      t.notMatch(stdout, /manual-page|manpage|groff-message|whatis/, fileOf(name, architecture))
      t.comment(stdout)
    }
  }
})

const config = [
  // what it mends stays for the node, also after a purge
  'remediate: off',
  'server: https://127.0.0.1:7443',
  `pin: sha256:${'0'.repeat(64)}`,
  'apiEndpoint: 127.0.0.1:6443',
  'name: worker-1',
  ''
].join('\n')

const kubeconfig = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'c', cluster: { server: 'https://192.0.2.1:6443' } }],
  users: [{ name: 'u', user: { token: 'none' } }],
  contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
  'current-context': 'x'
})

/** Where a package lies on the machine. */
const placed = (name: (typeof names)[number]): string => `/var/tmp/${name}.deb`

const boot = async (t: Test, suite: Suite): Promise<SmallMachine> => {
  const made = await makeRootfs(cache, suite, join(logs, `packages-${suite}.log`))
  const folder = mkdtempSync(join(tmpdir(), 'joinery-packages-'))
  const machine = await bootSmallMachine(join(made, 'rootfs.tar'), folder)
  t.teardown(async () => {
    await machine.close()
    rmSync(folder, { recursive: true })
  })
  for (const name of names) await machine.copy(join(dist, fileOf(name, here)), placed(name))
  return machine
}

const show = async (machine: SmallMachine, unit: string, property: string): Promise<string> =>
  (await machine.must('systemctl', 'show', '-P', property, unit)).trim()
const says = (machine: SmallMachine, text: RegExp): Promise<string> =>
  waitFor(
    `the agent to say ${text}`,
    () => show(machine, 'joinery-agent', 'StatusText'),
    (said) => text.test(said),
    minutes
  )

for (const suite of suites) {
  t.test(`the packages work on ${suite}`, async (t) => {
    const machine = await boot(t, suite)
    // Debian 12 has none of its own
    await machine.must('mkdir', '--parents', '/etc/credstore')
    const before = await tree(machine)

    await t.test('the packages install without a network, and no unit runs before it is configured', async (t) => {
      await machine.must('dpkg', '--install', ...names.map(placed))
      t.equal(await machine.must('dpkg', '--verify', ...names), '')
      for (const [unit, enabled, active] of [
        ['joinery-agent.service', 'enabled', 'inactive'],
        ['joinery-agent-boot.service', 'enabled', 'inactive'],
        ['joinery-join.service', 'static', 'inactive'],
        ['joinery-mend.service', 'static', 'inactive'],
        ['joinery-recover.service', 'static', 'inactive'],
        ['joinery-recover.timer', 'enabled', 'active'],
        ['joinery-reset.service', 'static', 'inactive'],
        ['joinery-server.service', 'disabled', 'inactive'],
        ['joinery-server-renew.service', 'static', 'inactive'],
        ['joinery-server-renew.timer', 'static', 'inactive']
      ] as const) {
        t.match((await machine.run('systemctl', 'is-enabled', unit)).stdout, enabled, unit)
        t.match((await machine.run('systemctl', 'is-active', unit)).stdout, active, unit)
      }
      for (const program of names) {
        t.equal(await machine.must(program, '--version'), `${packageJson.version}\n`, program)
      }
    })

    await t.test(
      'O7: systemd knows every directive, of the units of user-data too, and finds no ordering cycle',
      async (t) => {
        const ofUserData = [agentUnit, kubernetesUnit]
        for (const { name, text } of ofUserData) machine.write(`/etc/systemd/system/${name}`, text, 0o644)
        const verify = await machine.run(
          'systemd-analyze',
          'verify',
          '--man=no',
          'multi-user.target',
          'cloud-init.target',
          ...ofUserData.map(({ name }) => name)
        )
        for (const { name } of ofUserData) await machine.must('rm', `/etc/systemd/system/${name}`)
        const own = verify.stderr.split('\n').filter((line) => /joinery|cycle/.test(line))
        // what user-data brings, it writes itself; the small machine has no python3
        t.same(
          own.filter((line) => !/is not executable: No such file/.test(line)),
          []
        )
      }
    )

    await t.test(
      'the agent waits in its sandbox, pings the watchdog, and takes a code from a credential',
      async (t) => {
        machine.write('/etc/credstore/joinery.code', 'hunter2', 0o600)
        machine.write('/etc/joinery/agent.yaml', config, 0o644)
        await machine.must('systemctl', 'start', 'joinery-agent')
        const since = async (property: string) => Number(await show(machine, 'joinery-agent', property))
        await says(machine, /the credential joinery\.code: /)
        t.equal(await show(machine, 'joinery-agent', 'ActiveState'), 'active')
        await waitFor(
          'a ping after the start',
          async () => ({
            ping: await since('WatchdogTimestampMonotonic'),
            start: await since('ActiveEnterTimestampMonotonic')
          }),
          ({ ping, start }) => ping > start,
          minutes
        )
        machine.write('/etc/joinery/code', `jny_${'0'.repeat(26)}`, 0o600)
        await machine.must('systemctl', 'restart', 'joinery-agent')
        await says(machine, /\/etc\/joinery\/code: /)
      }
    )

    await t.test('the sandbox is open only where it must be', async (t) => {
      const inside = (...argv: string[]) => inUnit(machine, ...argv)
      t.equal((await inside('touch', '/etc/kubernetes-was-here')).code, 0, 'below /etc')
      t.equal((await machine.run('rm', '/etc/kubernetes-was-here')).code, 0, 'and the host sees it')
      t.equal((await inside('systemctl', 'show', 'joinery-join.service')).code, 0, 'it may ask systemd')
      t.equal((await inside('systemctl', 'start', 'joinery-mend.service')).code, 0, 'and have it start units')
      t.equal((await inside('cat', '/proc/swaps', '/proc/sys/net/ipv4/ip_forward')).code, 0)
      t.equal((await inside('ls', '/proc/1/fd')).code, 0, 'who holds a port')
      for (const path of ['/usr/was-here', '/var/was-here', '/root/was-here', '/proc/sys/vm/swappiness']) {
        t.not((await inside('sh', '-c', `echo 60 > ${path}`)).code, 0, path)
      }
      t.not((await inside('mount', '-t', 'tmpfs', 'none', '/mnt')).code, 0)
      t.not((await inside('swapoff', '--all', '--verbose', '/dev/null')).code, 0)
    })

    await t.test('the server serves in its sandbox, also if it does not reach the cluster', async (t) => {
      await machine.must('joinery-server', 'init', '--address', '192.0.2.1')
      machine.write('/var/lib/joinery-server/kubeconfig', kubeconfig, 0o600)
      const { code, stderr } = await machine.run('systemctl', 'start', 'joinery-server')
      t.equal(code, 0, 'it has told systemd that it is ready', { stderr })
      t.equal((await machine.run('joinery', 'code', 'list')).code, 0, 'operators are answered')
      t.equal(await show(machine, 'joinery-server', 'User'), 'joinery')
    })

    await t.test('the serving process cannot open ca.key, since its first start', async (t) => {
      const [folder, pid] = ['/var/lib/joinery-server', await show(machine, 'joinery-server', 'MainPID')]
      const ownerOf = (name: string) => machine.must('stat', '--format=%U:%G %a', `${folder}/${name}`)
      t.equal(
        await ownerOf('.'),
        'joinery:joinery 700\n',
        'systemd gave it the folder, with all that init made as root'
      )
      t.equal(await ownerOf('ca.key'), 'root:root 600\n')
      // as its user, and in the mounts of its own process
      const asServer = (...argv: string[]) =>
        machine.run('nsenter', `--target=${pid}`, '--mount', 'runuser', '--user', 'joinery', '--', ...argv)
      t.equal((await asServer('cat', `${folder}/tls.key`)).code, 0, 'what it serves with')
      const { code, stdout, stderr } = await asServer('cat', `${folder}/ca.key`)
      t.match({ code, stdout, stderr }, { code: 1, stdout: '', stderr: /Permission denied/ })
      t.notMatch(await machine.must('ls', '-l', `/proc/${pid}/fd`), 'ca.key', 'nor was it handed to it')
    })

    await t.test(
      'root renews the leaf in its own sandbox, beside the server, and takes the key of a CA back',
      async (t) => {
        const folder = '/var/lib/joinery-server'
        const ownerOf = (name: string) => machine.must('stat', '--format=%U:%G %a', `${folder}/${name}`)
        t.equal(
          await show(machine, 'joinery-server-renew.timer', 'ActiveState'),
          'active',
          'the server brought it along'
        )
        const before = machine.read(`${folder}/tls.crt`)
        await machine.must('systemctl', 'start', 'joinery-server-renew')
        t.equal(machine.read(`${folder}/tls.crt`), before, 'it needed nothing')
        await machine.must('chown', 'joinery:joinery', `${folder}/ca.key`)
        machine.write(`${folder}/tls.crt`, 'damaged', 0o600)
        await machine.must('systemctl', 'start', 'joinery-server-renew')
        t.match(machine.read(`${folder}/tls.crt`), /BEGIN CERTIFICATE/)
        t.equal(await ownerOf('ca.key'), 'root:root 600\n')
        for (const name of ['tls.key', 'tls.crt']) t.equal(await ownerOf(name), 'joinery:joinery 600\n', name)
        await machine.must('systemctl', 'restart', 'joinery-server')
        t.equal((await machine.run('joinery', 'code', 'list')).code, 0, 'and the server serves with it')
      }
    )

    await t.test('a package of an earlier version left ca.key to the server, and the upgrade does not', async (t) => {
      const file = '/var/lib/joinery-server/ca.key'
      await machine.must('systemctl', 'stop', 'joinery-server')
      await machine.must('chown', 'joinery:joinery', file)
      await machine.must('dpkg', '--install', placed('joinery-server'))
      t.equal(await machine.must('stat', '--format=%U:%G %a', file), 'root:root 600\n')
      await machine.must('systemctl', 'start', 'joinery-server')
    })

    await t.test('an upgrade restarts the server, and keeps what an administrator wrote', async (t) => {
      const file = '/etc/joinery/server.yaml'
      await machine.must('sh', '-c', `echo '# an administrator was here' >> ${file}`)
      const [pid, edited] = [await show(machine, 'joinery-server', 'MainPID'), machine.read(file)]
      await machine.must('dpkg', '--install', placed('joinery-server'))
      t.notOk(['0', pid].includes(await show(machine, 'joinery-server', 'MainPID')))
      t.equal((await machine.run('joinery', 'code', 'list')).code, 0)
      t.equal(machine.read(file), edited)
    })

    await t.test('an upgrade of a waiting agent keeps key, configuration and code', async (t) => {
      machine.write('/var/lib/joinery-agent/identity.json', '{"a": "key"}', 0o600)
      machine.write('/var/lib/joinery-agent/journal.json', '{}', 0o600)
      const files = ['/etc/joinery/agent.yaml', '/etc/joinery/code', '/var/lib/joinery-agent/journal.json']
      const kept = () => [...files, '/var/lib/joinery-agent/identity.json'].map((path) => machine.read(path))
      const [pid, held] = [await show(machine, 'joinery-agent', 'MainPID'), kept()]
      await machine.must('dpkg', '--install', placed('joinery-agent'))
      const restarted = await waitFor(
        'the agent to be another process',
        () => show(machine, 'joinery-agent', 'MainPID'),
        (now) => now !== '0' && now !== pid,
        minutes
      )
      t.ok(restarted)
      t.same(kept(), held)
    })

    await t.test('a removal stops both services and keeps their files, and a purge leaves nothing', async (t) => {
      await machine.must('dpkg', '--remove', ...names)
      t.match((await machine.run('systemctl', 'is-active', 'joinery-agent')).stdout, 'inactive')
      t.equal(machine.read('/etc/joinery/agent.yaml'), config)
      await machine.must('dpkg', '--purge', ...names)
      await machine.must(
        'rm',
        '--recursive',
        '/etc/credstore/joinery.code',
        '/etc/systemd/system/inside.service',
        ...names.map(placed)
      )
      const after = await tree(machine)
      t.same({ gone: without(before, after), left: without(after, before) }, { gone: [], left: [] })
    })

    await t.test('the agent installs again after a purge', async (t) => {
      await machine.copy(join(dist, fileOf('joinery-agent', here)), placed('joinery-agent'))
      await machine.must('dpkg', '--install', placed('joinery-agent'))
      t.match((await machine.run('systemctl', 'is-enabled', 'joinery-agent')).stdout, 'enabled')
    })
  })
}

/** Runs a command as the agent's unit would, by a unit with the same sandbox. */
const inUnit = async (machine: SmallMachine, ...argv: string[]) => {
  const unit = machine.read('/usr/lib/systemd/system/joinery-agent.service')
  const sandbox = unit
    .split('\n')
    .filter((line) => /^(\w*Capab|Lock|NoNew|Private|Protect|ReadWrite|Restrict(?!=|art)|SystemCall)/.test(line))
  const command = argv.map((word) => `"${word.replaceAll('"', '\\"')}"`).join(' ')
  const text = ['[Service]', 'Type=oneshot', `ExecStart=${command}`, ...sandbox, ''].join('\n')
  machine.write('/etc/systemd/system/inside.service', text, 0o644)
  await machine.must('systemctl', 'daemon-reload')
  return machine.run('systemctl', 'start', 'inside.service')
}

const without = (lines: string[], others: string[]): string[] => {
  const known = new Set(others)
  return lines.filter((line) => !known.has(line))
}
