import { mkdir, stat, writeFile } from 'node:fs/promises'
import type { Check } from '@joinery/protocol'
import t, { type Test } from 'tap'
import { mendChecks } from '../../../src/machine/mend/mend-checks.ts'
import { all, config, containerd, failed, freshMachine, fstab, modulesFile, sysctlsFile } from './machine.ts'

const right = {
  modules: /^# .*\noverlay\nbr_netfilter\n$/,
  sysctls:
    /^# .*\nnet\.bridge\.bridge-nf-call-iptables = 1\n-net\.bridge\.bridge-nf-call-ip6tables = 1\nnet\.ipv4\.ip_forward = 1\n$/,
  fstab: 'UUID=1 / ext4 defaults 0 1\n# joinery-agent: no swap beside the kubelet: /dev/sda2 none swap sw 0 0\n',
  containerd: /^# Docker says\nversion = 2\ndisabled_plugins = \[\]\n[\s\S]*SystemdCgroup = true\n$/
}

t.test('every check is mended now and for the next boot, and every change is reported', async (t) => {
  const machine = freshMachine(t)
  const { changes } = await machine.mend()
  t.same(
    changes.map(({ what }) => what),
    [
      'wrote /etc/modules-load.d/joinery.conf',
      'loaded the kernel module br_netfilter',
      'wrote /etc/sysctl.d/99-zz-joinery.conf',
      'set net.bridge.bridge-nf-call-ip6tables',
      'set net.ipv4.ip_forward',
      'changed /etc/fstab (as it was: /etc/fstab.joinery-backup-1)',
      'masked dev-zram0.swap',
      'turned off swap on /dev/sda2',
      'enabled kubelet.service',
      'enabled systemd-timesyncd.service',
      'changed /etc/containerd/config.toml (as it was: /etc/containerd/config.toml.joinery-backup-1)'
    ]
  )
  t.match(changes, [
    Object,
    Object,
    Object,
    Object,
    { check: 'sysctls', before: '0', after: '1' },
    { before: '/dev/sda2 none swap sw 0 0', after: /^# joinery-agent: .*: \/dev\/sda2 none swap sw 0 0$/ },
    Object,
    { before: 'on', after: 'off' },
    { check: 'kubelet-service', before: 'disabled' },
    { before: 'disabled, inactive' },
    { check: 'container-runtime', before: 'disabled_plugins = ["cri"]', after: /SystemdCgroup = true/ }
  ])
  t.same(
    await machine.told(),
    changes.map(({ what }) => what),
    'the journal says the same'
  )
  await isRight(t, machine)
  t.equal((await stat(machine.at(modulesFile))).mode & 0o777, 0o644)
  t.same(machine.commands, [
    'modprobe br_netfilter',
    'systemctl mask -- dev-zram0.swap',
    'swapoff -a',
    'systemctl enable kubelet.service',
    'systemctl enable --now systemd-timesyncd.service',
    'systemctl restart containerd.service'
  ])
})

t.test('a second mend has nothing to do', async (t) => {
  const machine = freshMachine(t)
  const safe = all.filter(({ mends }) => mends === 'safe')
  await machine.mend(safe)
  t.same(await machine.mend(safe), { changes: [] })
})

t.test('a mend after a cut before any act ends right, and the old text is kept', async (t) => {
  for (let acts = 0, cut = true; cut; acts += 1) {
    const machine = freshMachine(t, { memory: true })
    cut = await machine.mendUntil(acts)
    await machine.mend()
    await isRight(t, machine, `cut before act ${acts}`)
    t.notOk(
      (await machine.told()).some((what) => /could not|cannot/.test(what)),
      `all told, cut before act ${acts}`
    )
  }
})

t.test('two mends at the same time end right, and both record their changes', async (t) => {
  const machine = freshMachine(t)
  await Promise.all([machine.mend(), machine.mend()])
  await isRight(t, machine)
  const told = await machine.told()
  for (const what of ['changed /etc/fstab', 'changed /etc/containerd/config.toml', 'enabled kubelet.service']) {
    t.ok(
      told.some((one) => one.startsWith(what)),
      what
    )
  }
})

const untouched: [string, Check, 'off' | 'safe' | 'runtime'][] = [
  ['a check that passes', { name: 'swap', verdict: 'pass', finding: '' }, 'runtime'],
  [
    'a check that does not count',
    { name: 'swap', verdict: 'warn', finding: '', mends: 'safe', ignored: true },
    'runtime'
  ],
  ['a check that a person must fix', { name: 'swap', verdict: 'fail', finding: '' }, 'runtime'],
  ['a check of a higher level', { name: 'cgroup-driver', verdict: 'fail', finding: '', mends: 'runtime' }, 'safe'],
  ['every check if nothing may be mended', { name: 'swap', verdict: 'fail', finding: '', mends: 'safe' }, 'off'],
  ['a check that no mender knows', { name: 'earlier-join', verdict: 'fail', finding: '', mends: 'runtime' }, 'runtime']
]
for (const [name, check, level] of untouched) {
  t.test(`the agent leaves ${name} alone`, async (t) => {
    const machine = freshMachine(t)
    t.same(await machine.mend([check], level), { changes: [] })
    t.same(machine.commands, [])
    t.equal(await machine.files.read('/etc/fstab'), fstab)
    t.same(await machine.told(), [])
  })
}

t.test('a check that only warns is mended too', async (t) => {
  const machine = freshMachine(t)
  await machine.mend([{ name: 'swap', verdict: 'warn', finding: '', mends: 'safe' }], 'safe')
  t.equal(await machine.files.read('/etc/fstab'), right.fstab)
})

t.test('a failed change is reported, and the other changes are made', async (t) => {
  const { files, told } = freshMachine(t)
  const noModule = async () => {
    throw new Error('modprobe: FATAL: Module br_netfilter not found')
  }
  const { changes } = await mendChecks(files, noModule, failed('kernel-modules', 'sysctls'), 'safe')
  const words = [
    'wrote /etc/modules-load.d/joinery.conf',
    'could not load the kernel module br_netfilter: modprobe: FATAL: Module br_netfilter not found',
    'wrote /etc/sysctl.d/99-zz-joinery.conf',
    'could not set net.bridge.bridge-nf-call-iptables: the kernel has no such key',
    'set net.ipv4.ip_forward'
  ]
  t.same(
    changes.map(({ what }) => what),
    words
  )
  t.same(await told(), words)
})

t.test('the agent does not make a change that it cannot record', async (t) => {
  const { files, exec, commands } = freshMachine(t)
  const full = async () => {
    throw new Error('ENOSPC: no space left on device')
  }
  const { changes } = await mendChecks({ ...files, create: full }, exec, failed('kernel-modules', 'swap'), 'safe')
  t.same(changes, [
    { check: 'kernel-modules', what: 'cannot be mended: ENOSPC: no space left on device' },
    { check: 'swap', what: 'cannot be mended: ENOSPC: no space left on device' }
  ])
  t.same(commands, [])
  t.equal(await files.read(modulesFile), undefined)
  t.equal(await files.read('/etc/fstab'), fstab)
})

t.test('while a package manager works nothing is mended, and the agent names the package manager', async (t) => {
  const { root, files, mend, commands } = freshMachine(t)
  const lock = '/var/lib/dpkg/lock-frontend'
  await files.write(lock, '', 0o640)
  await mkdir(`${root}/proc/812`)
  await writeFile(`${root}/proc/812/comm`, 'apt-get\n')
  await writeFile(
    `${root}/proc/locks`,
    `1: POSIX  ADVISORY  WRITE 812 08:01:${(await files.stat(lock))?.inode} 0 EOF\n`
  )
  t.same(await mend(), { changes: [], waits: 'apt-get (process 812) holds /var/lib/dpkg/lock-frontend' })
  t.same(commands, [])
})

t.test('a kubelet that somebody masked stays masked', async (t) => {
  const { world, mend, commands } = freshMachine(t)
  world.kubelet = 'masked'
  t.match(await mend(failed('kubelet-service')), {
    changes: [{ what: 'cannot enable kubelet.service: it is masked' }]
  })
  t.same(commands, [])
})

const isRight = async (t: Test, { files, world }: ReturnType<typeof freshMachine>, when = ''): Promise<void> => {
  t.match(await files.read(modulesFile), right.modules, when)
  t.match(await files.read(sysctlsFile), right.sysctls, when)
  t.equal(await files.read('/proc/sys/net/ipv4/ip_forward'), '1\n', when)
  t.equal(await files.read('/etc/fstab'), right.fstab, when)
  t.equal(await files.read('/etc/fstab.joinery-backup-1'), fstab, when)
  t.equal(await files.read('/etc/systemd/system/dev-zram0.swap'), '', when)
  t.equal((await files.read('/proc/swaps'))?.trim().split('\n').length, 1, when)
  t.match(world, { kubelet: 'enabled', timesyncd: 'enabled' }, when)
  t.match(await files.read(config), right.containerd, when)
  t.equal(world.containerd, await files.read(config), when)
  t.equal(await files.read(`${config}.joinery-backup-1`), containerd, when)
  t.same(
    (await files.list('/etc/containerd')).filter((name) => !name.endsWith('.new')),
    ['config.toml', 'config.toml.joinery-backup-1'],
    when
  )
}
