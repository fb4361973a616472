import { spawnSync } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { codeCredential } from '@joinery/agent/testing/code'
import { configFile, runDirectory, stateDirectory } from '@joinery/agent/testing/commands'
import { joinFiles, mendFiles, units } from '@joinery/agent/testing/machine'
import { exitCodes } from '@joinery/agent/testing/program'
import { parseConfig } from '@joinery/host/config-file'
import { recoveryLifetime } from '@joinery/protocol'
import { budgets } from '@joinery/server/testing/base'
import { defaultConfigFile, defaultStateDirectory } from '@joinery/server/testing/commands'
import { ServerConfig } from '@joinery/server/testing/config'
import { needs } from '@joinery/testing/processes/needs'
import t, { type Test } from 'tap'
import { heapLimit } from '../../packaging/debian/server-package.ts'

const folder = new URL('../../systemd/', import.meta.url)
const lines = (name: string) => readFileSync(new URL(name, folder), 'utf8').split('\n')

/** Every directive of a unit, by its key; a list is split as systemd does. */
const directives = (name: string): Map<string, string[]> => {
  const found = new Map<string, string[]>()
  for (const line of lines(name)) {
    const [, key, value = ''] = /^([A-Z]\w*)=(.*)$/.exec(line) ?? []
    if (key !== undefined) found.set(key, [...(found.get(key) ?? []), ...value.split(' ')])
  }
  return found
}

const agentUnits = [
  'joinery-agent.service',
  'joinery-agent-boot.service',
  'joinery-recover.service',
  units.join,
  units.reset,
  units.mend
]

const renewal = 'joinery-server-renew.service'

t.test('the join unit reads and writes the files that the agent knows', async (t) => {
  const { configuration, log } = joinFiles(runDirectory)
  const unit = lines('joinery-join.service')
  t.ok(unit.includes(`ConditionPathExists=${configuration}`))
  t.ok(unit.includes(`ExecStart=kubeadm join --config ${configuration}`))
  t.ok(unit.includes(`StandardOutput=append:${log}`))
})

t.test('the agent starts by its configuration, and the boot hook by the journal', async (t) => {
  t.ok(lines('joinery-agent.service').includes(`ConditionPathExists=${configFile}`))
  t.ok(lines('joinery-agent-boot.service').includes(`ConditionPathExists=${stateDirectory}/journal.json`))
})

t.test('a join that a reboot interrupted is closed before the kubelet and the agent start', async (t) => {
  const unit = directives('joinery-agent-boot.service')
  t.same(unit.get('Before'), ['kubelet.service', 'joinery-agent.service'])
  t.same(unit.get('Type'), ['oneshot'], 'they wait for its end')
  t.same(unit.get('ExecStart'), ['/usr/bin/joinery-agent', 'close-interrupted'])
  for (const key of ['After', 'Requires', 'Wants']) t.notOk(unit.has(key), 'and it waits for nothing')
})

t.test('a join outlives the agent, and is its only one since the boot', async (t) => {
  const unit = directives(units.join)
  t.same(unit.get('Type'), ['oneshot'])
  t.same(unit.get('RemainAfterExit'), ['yes'], 'systemd keeps that it succeeded')
  for (const [name, others] of [
    [units.join, /joinery-agent\.service|kubelet\.service/],
    [units.reset, /joinery-agent\.service|kubelet\.service/],
    ['joinery-agent.service', /joinery-join\.service|joinery-reset\.service/]
  ] as const) {
    t.notMatch([...directives(name).values()].flat().join('\n'), others, `${name} neither stops with them nor waits`)
  }
})

t.test('the agent runs until it has ended well, and systemctl status shows what it says', async (t) => {
  const unit = directives('joinery-agent.service')
  t.same(unit.get('NotifyAccess'), ['all'], 'systemd-notify is a child')
  t.same(unit.get('Restart'), ['on-failure'])
  t.same(unit.get('StartLimitIntervalSec'), ['0'], 'for ever')
  t.notOk(unit.has('RestartPreventExitStatus'), 'also with a configuration that somebody will correct')
  t.same(unit.get('KillMode'), ['mixed'], 'what it runs is not ended before it')
  t.notMatch(unit.get('After')?.join(' '), /cloud-/, 'cloud-init may start it')
  t.equal(`/var/lib/${unit.get('StateDirectory')}`, stateDirectory)
  t.same(unit.get('StateDirectoryMode'), ['0700'])
})

t.test('a unit that changes the machine runs outside of the sandbox', async (t) => {
  const sandbox =
    /^(Private|Protect|ReadOnly|ReadWrite|Inaccessible|NoExec|Bind\w*Paths|Root|Temporary|Mount|Dynamic|Capab|Sys)/
  for (const name of [units.join, units.reset, units.mend]) {
    t.same(
      [...directives(name).keys()].filter((key) => sandbox.test(key)),
      [],
      name
    )
  }
})

t.test('the agent writes below /etc and /run, whatever comes and goes there while it waits', async (t) => {
  const unit = directives('joinery-agent.service')
  t.same(unit.get('ProtectSystem'), ['strict'])
  t.same(unit.get('ReadWritePaths'), ['/etc', '/run', '-/var/lib/cloud'], 'whole: a mount for a folder is lost with it')
  t.notOk(unit.has('ProtectHostname'), 'a host name that is corrected later is seen')
  t.notOk(unit.has('PrivateUsers'), 'root of a user namespace is nobody to systemd')
  t.notOk(unit.has('MemoryDenyWriteExecute'), 'it ends Node')
})

t.test('the unit that mends knows the agent’s file, and ends before the agent gives up', async (t) => {
  const unit = lines(units.mend)
  t.ok(unit.includes(`ConditionPathExists=${mendFiles(runDirectory).asked}`))
  t.ok(unit.includes('ExecStart=/usr/bin/joinery-agent mend'))
  t.ok(unit.includes('Type=oneshot'), 'systemctl start waits for its end')
})

t.test('systemd restarts an agent or a server that hangs, and never one that waits', async (t) => {
  const [agent, server] = [directives('joinery-agent.service'), directives('joinery-server.service')]
  t.same(agent.get('Type'), ['exec'], 'it has started when it runs')
  t.same(agent.get('WatchdogSec'), ['3min'])
  t.same(server.get('Type'), ['notify'])
  t.same(server.get('WatchdogSec'), ['1min'])
  t.same(server.get('NotifyAccess'), ['all'], 'systemd-notify is a child')
})

t.test('a code may be a credential, and a missing one does not fail the start', async (t) => {
  t.same(directives('joinery-agent.service').get('LoadCredential'), [codeCredential], 'a name, and no path')
})

t.test('the memory of the server is bounded for all its connections, its heap below', async (t) => {
  const unit = directives('joinery-server.service')
  t.same(unit.get('MemoryMax'), ['1G'])
  const { connections, packages } = budgets
  t.ok(200e6 + 80e3 * connections.all + 4.5e6 * packages.all <= 2 ** 30)
  t.ok(heapLimit * 2 ** 20 <= 2 ** 29, 'half: TLS is not in it')
  t.notOk(unit.has('MemoryHigh'), 'a server that is slowed down is one that hangs')
  t.same(unit.get('OOMPolicy'), ['kill'], 'as a whole')
  t.same(unit.get('Restart'), ['on-failure'], 'and then it is started again')
  t.ok(unit.has('TasksMax'))
})

t.test('C17: the memory of the agent is bounded, and that of kubeadm and of what mends is not', async (t) => {
  const bounded = agentUnits.filter((name) => directives(name).has('MemoryMax'))
  t.same(bounded.toSorted(), ['joinery-agent-boot.service', 'joinery-agent.service', 'joinery-recover.service'])
  for (const name of bounded) t.same(directives(name).get('MemoryMax'), ['512M'], name)
})

t.test('no unit leaves a core dump, which would hold its secrets', async (t) => {
  for (const name of [...agentUnits, 'joinery-server.service', renewal])
    t.same(directives(name).get('LimitCORE'), ['0'], name)
})

const skip = needs('systemd-analyze')

/** Out of 10, 0 being a process that may do nothing. Versions of systemd differ by a tenth or two. */
const exposures: [unit: string, limit: number][] = [
  ['joinery-agent.service', 3.0],
  ['joinery-recover.service', 2.3],
  ['joinery-server.service', 1.5],
  [renewal, 1.8]
]
for (const [unit, limit] of exposures) {
  t.test(`systemd-analyze security gives ${unit} at most ${limit}`, { skip }, async (t) => {
    const file = fileURLToPath(new URL(unit, folder))
    const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=yes', '--no-pager', file], {
      encoding: 'utf8'
    })
    const [, exposure = ''] = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout) ?? []
    t.ok(Number.parseFloat(exposure) <= limit, exposure)
  })
}

/** What a maintainer script of the agent's package calls, where `wasEnabled` is what deb-systemd-helper knows. */
const callsOf = (t: Test, script: string, wasEnabled: boolean): string[] => {
  const call = (command: string) => `#!/bin/sh\necho "${command} $*" >> "$CALLS"\n`
  const bin = t.testdir({
    'deb-systemd-helper': `${call('deb-systemd-helper')}[ "$2" != was-enabled ] || exit ${wasEnabled ? 0 : 1}\n`,
    systemctl: call('systemctl'),
    'systemd-tmpfiles': call('systemd-tmpfiles')
  })
  for (const command of readdirSync(bin)) chmodSync(`${bin}/${command}`, 0o755)
  const path = fileURLToPath(new URL(`../../packaging/debian/agent/${script}`, import.meta.url))
  const { status, stderr } = spawnSync('/bin/sh', [path, 'configure'], { env: { PATH: bin, CALLS: `${bin}/calls` } })
  t.equal(status, 0, String(stderr))
  return readFileSync(`${bin}/calls`, 'utf8').split('\n')
}

t.test('an installation enables only units that start with the machine', async (t) => {
  const atBoot = agentUnits.filter((name) => directives(name).get('WantedBy')?.includes('multi-user.target'))
  t.same(atBoot, ['joinery-agent.service', 'joinery-agent-boot.service'])
  t.same(directives('joinery-recover.timer').get('WantedBy'), ['timers.target'])
  const enabled = callsOf(t, 'postinst', true).filter((call) => call.startsWith('deb-systemd-helper enable '))
  t.same(
    enabled,
    [...atBoot, 'joinery-recover.timer'].map((name) => `deb-systemd-helper enable ${name}`)
  )
  t.notMatch(callsOf(t, 'postinst', false).join('\n'), / enable /, 'what was disabled stays disabled')
})

t.test('the agent knows the units that it starts by their names', async (t) => {
  for (const name of [units.join, units.reset]) t.ok(readdirSync(folder).includes(name), name)
})

t.test('the way back is looked at each hour and at boot, and waits for less than that', async (t) => {
  const [timer, service] = [directives('joinery-recover.timer'), directives('joinery-recover.service')]
  t.same(timer.get('OnCalendar'), ['hourly'])
  t.ok(timer.has('OnBootSec'))
  t.same(timer.get('Persistent'), ['true'], 'a machine that was off looks soon')
  t.ok(timer.has('RandomizedDelaySec'), 'machines that boot together do not ask together')
  t.same(service.get('Type'), ['oneshot'], 'nothing stays resident')
  const [program, ...words] = service.get('ExecStart') ?? []
  t.same([program, ...words.slice(0, 2)], ['/usr/bin/joinery-agent', 'recover', '--wait'])
  const limit = Number.parseInt(service.get('TimeoutStartSec')?.[0] ?? '', 10)
  t.ok(Number(words[2]) + recoveryLifetime / 60_000 < limit, 'an attempt that begins late comes to its end')
  t.ok(limit <= 60)
  t.same(service.get('SuccessExitStatus'), [String(exitCodes.later)])
  t.ok(lines('joinery-recover.service').includes(`ConditionPathExists=${stateDirectory}/journal.json`))
  t.equal(`/var/lib/${service.get('StateDirectory')}`, stateDirectory)
  t.same(service.get('ReadWritePaths'), ['/etc', '/run', '-/var/lib/kubelet/pki'])
  t.notOk(service.has('Before'), 'a node that is well waits for nothing')
})

t.test(
  'root renews the leaf each day and at each start of the server, and a failure of that is no reason not to serve',
  async (t) => {
    const [server, service, timer] = ['joinery-server.service', renewal, 'joinery-server-renew.timer'].map(directives)
    t.same(server?.get('ExecStartPre'), ['-+/usr/bin/joinery-server', 'renew-leaf'])
    t.ok(server?.get('Wants')?.includes('joinery-server-renew.timer'), 'who serves renews, also if it is not enabled')
    t.same(timer?.get('OnCalendar'), ['daily'])
    t.same(timer?.get('Persistent'), ['true'], 'a host that was off looks soon')
    t.same(service?.get('Type'), ['oneshot'], 'nothing stays resident')
    t.same(service?.get('ExecStart'), ['/usr/bin/joinery-server', 'renew-leaf'])
    t.ok(lines(renewal).includes(`ConditionPathExists=${defaultConfigFile}`))
    t.notOk(service?.has('User'), 'the key of the CA is root’s')
    t.notOk(service?.has('StateDirectory'), 'systemd would give the folder to root, and the server could not read it')
    t.same(service?.get('ReadWritePaths'), [`-${defaultStateDirectory}`], 'it writes nowhere else')
    t.same(service?.get('CapabilityBoundingSet'), ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FOWNER'])
  }
)

t.test('only root sees the folder of the join on tmpfs', async (t) => {
  t.ok(lines('joinery-agent.tmpfiles.conf').includes(`d ${runDirectory} 0700 root root -`))
})

t.test('the server runs as a user of its own, with the folders that its programs know', async (t) => {
  const unit = lines('joinery-server.service')
  t.ok(unit.includes('User=joinery'))
  t.match(lines('joinery-server.sysusers.conf')[0], /^u joinery - /)
  t.ok(unit.includes(`ConditionPathExists=${defaultConfigFile}`))
  t.ok(unit.includes('StateDirectory=joinery-server'))
  t.ok(unit.includes('RuntimeDirectory=joinery'))
  t.equal(defaultStateDirectory, '/var/lib/joinery-server')
  t.match(parseConfig(ServerConfig, 'agents: {address: "https://192.0.2.1:7443"}'), {
    value: { state: '/var/lib/joinery-server', operators: { socket: '/run/joinery/operator.sock' } }
  })
})
