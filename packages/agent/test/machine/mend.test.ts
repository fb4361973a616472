import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Check } from '@joinery/protocol'
import t, { type Test } from 'tap'
import { filesUnder } from '../../src/machine/files.ts'
import { mend } from '../../src/machine/mend.ts'
import { recorder } from './recorder.ts'

const failed = (...names: string[]): Check[] => names.map((name) => ({ name, verdict: 'fail', finding: '' }))
const modulesFile = '/etc/modules-load.d/joinery.conf'
const sysctlsFile = '/etc/sysctl.d/90-joinery.conf'

/** A machine as it comes: overlay is loaded, br_netfilter is not, packets are not forwarded. `modprobe` acts as the kernel does. */
const freshMachine = (t: Test) => {
  const root = t.testdir({
    etc: { 'modules-load.d': {}, 'sysctl.d': {} },
    proc: { filesystems: 'nodev\toverlay\n', sys: { net: { ipv4: { ip_forward: '0\n' } } } }
  })
  const { commands, exec } = recorder(async (command) => {
    if (command !== 'modprobe br_netfilter') throw new Error(`${command}: no such module`)
    const bridge = join(root, 'proc/sys/net/bridge')
    await mkdir(bridge)
    await writeFile(join(bridge, 'bridge-nf-call-iptables'), '1\n')
    await writeFile(join(bridge, 'bridge-nf-call-ip6tables'), '0\n')
    return ''
  })
  return { root, files: filesUnder(root), commands, exec }
}

t.test('modules and sysctls are mended now and for the next boot, and what changed is told', async (t) => {
  const { root, files, commands, exec } = freshMachine(t)
  t.same(await mend(files, exec, failed('kernel-modules', 'sysctls')), [
    'wrote /etc/modules-load.d/joinery.conf',
    'loaded the kernel module br_netfilter',
    'wrote /etc/sysctl.d/90-joinery.conf',
    'set net.bridge.bridge-nf-call-ip6tables: 0 -> 1',
    'set net.ipv4.ip_forward: 0 -> 1'
  ])
  t.same(commands, ['modprobe br_netfilter'], 'a module that is loaded is left alone')
  t.equal(await files.read('/proc/sys/net/ipv4/ip_forward'), '1\n')
  t.matchOnly(await files.read(modulesFile), /^# .*\noverlay\nbr_netfilter\n$/)
  t.matchOnly(
    await files.read(sysctlsFile),
    /^# .*\nnet\.bridge\.bridge-nf-call-iptables = 1\n-net\.bridge\.bridge-nf-call-ip6tables = 1\nnet\.ipv4\.ip_forward = 1\n$/
  )
  t.equal((await stat(join(root, modulesFile))).mode & 0o777, 0o644)
})

t.test('a second time there is nothing to do', async (t) => {
  const { files, exec } = freshMachine(t)
  await mend(files, exec, failed('kernel-modules', 'sysctls'))
  t.same(await mend(files, exec, failed('kernel-modules', 'sysctls')), [])
})

t.test('only what failed is touched, and only what may be', async (t) => {
  const { files, commands, exec } = freshMachine(t)
  const checks: Check[] = [
    { name: 'kernel-modules', verdict: 'pass', finding: '' },
    { name: 'sysctls', verdict: 'warn', finding: '' },
    ...failed('swap', 'kubelet-service', 'container-runtime')
  ]
  t.same(await mend(files, exec, checks), [])
  t.same(commands, [])
  t.equal(await files.read(modulesFile), undefined)
  t.equal(await files.read(sysctlsFile), undefined)
})

t.test('what cannot be mended is told, and the rest is done', async (t) => {
  const { files, commands } = freshMachine(t)
  const noModule = async () => {
    throw new Error('modprobe: FATAL: Module br_netfilter not found')
  }
  t.same(await mend(files, noModule, failed('kernel-modules', 'sysctls')), [
    'wrote /etc/modules-load.d/joinery.conf',
    'could not load the kernel module br_netfilter: modprobe: FATAL: Module br_netfilter not found',
    'wrote /etc/sysctl.d/90-joinery.conf',
    'could not set net.bridge.bridge-nf-call-iptables: the kernel has no such key',
    'set net.ipv4.ip_forward: 0 -> 1'
  ])
  t.same(commands, [])
})
