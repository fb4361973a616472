import { chmod, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { filesUnder } from '@joinery/host/files'
import t, { type Test } from 'tap'
import { seeNetwork } from '../../../../src/machine/why/see/network.ts'

interface Machine {
  configurations?: Record<string, string>
  programs?: Record<string, number>
  containerd?: string
}

const machine = async (t: Test, { configurations = {}, programs = {}, containerd }: Machine) => {
  const root = t.testdir({
    etc: {
      cni: { 'net.d': configurations },
      containerd: containerd === undefined ? {} : { 'config.toml': containerd }
    },
    opt: { cni: { bin: Object.fromEntries(Object.keys(programs).map((name) => [name, ''])) } },
    srv: { cni: { own: '' } }
  })
  for (const [name, mode] of Object.entries(programs)) await chmod(join(root, 'opt/cni/bin', name), mode)
  await chmod(join(root, 'srv/cni/own'), 0o755)
  return { root, files: filesUnder(root) }
}

const flannel = JSON.stringify({
  name: 'cbr0',
  cniVersion: '1.0.0',
  plugins: [{ type: 'flannel', delegate: {} }, { type: 'bridge', ipam: { type: 'host-local' } }, { type: 'portmap' }]
})

t.test('the first configuration is taken, with the programs that are not there or may not be executed', async (t) => {
  const { files } = await machine(t, {
    configurations: { '.swp': '', '99-later.conf': '{"type":"vlan"}', '10-flannel.conflist': flannel, README: '' },
    programs: { bridge: 0o755, portmap: 0o644 }
  })
  t.match(await seeNetwork(files), {
    folder: '/etc/cni/net.d',
    file: '/etc/cni/net.d/10-flannel.conflist',
    broken: undefined,
    missing: ['flannel', 'host-local', 'portmap']
  })
})

t.test('a configuration whose programs are there misses nothing, wherever containerd looks for them', async (t) => {
  const { files, root } = await machine(t, {
    configurations: { '10-own.conf': '{"type":"own","ipam":{"type":"link"}}' },
    containerd: '# bin_dir = "/nowhere"\n[plugins.x.cni]\n  bin_dirs = ["/srv/cni", "/also"]\n'
  })
  await symlink('/bin/true', join(root, 'srv/cni/link'))
  t.match(await seeNetwork(files), {
    missing: { length: 0 },
    binaries: ['/srv/cni', '/also', '/opt/cni/bin', '/usr/lib/cni']
  })
})

t.test('a machine without a configuration has no file', async (t) => {
  const { files } = await machine(t, {})
  t.same(await seeNetwork(files), {
    folder: '/etc/cni/net.d',
    missing: [],
    binaries: ['/opt/cni/bin', '/usr/lib/cni', '/usr/libexec/cni']
  })
})

for (const [name, text, broken] of [
  ['cut off', '{"plugins": [', 'it is no JSON'],
  ['empty', '', 'it is no JSON'],
  ['of nothing', '{}', 'it names no plugin'],
  ['null', 'null', 'it names no plugin'],
  ['with a path for a name', '{"type": "../../bin/sh"}', 'it names no plugin'],
  ['with a number for a name', '{"plugins": [7, null, {"type": 7, "ipam": null}]}', 'it names no plugin'],
  ['too long', `{"type": "${'x'.repeat(70_000)}"}`, 'it has more than 64 KiB']
] as const) {
  t.test(`a configuration that is ${name} cannot be used`, async (t) => {
    const { files } = await machine(t, { configurations: { '10-x.conf': text } })
    t.match(await seeNetwork(files), { file: '/etc/cni/net.d/10-x.conf', broken, missing: { length: 0 } })
  })
}

t.test('a configuration that cannot be read says why', async (t) => {
  const { files } = await machine(t, { configurations: { '10-x.conf': flannel } })
  const read = async () => {
    throw new Error('EIO: i/o error, read')
  }
  t.match(await seeNetwork({ ...files, read: (path) => (path.endsWith('.conf') ? read() : files.read(path)) }), {
    broken: 'EIO: i/o error, read'
  })
})
