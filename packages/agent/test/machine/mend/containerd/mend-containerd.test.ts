import { rename, stat, symlink, writeFile } from 'node:fs/promises'
import t from 'tap'
import { config, containerd, failed, freshMachine } from '../machine.ts'

const checks = failed('cgroup-driver')
const restart = 'systemctl restart containerd.service'

t.test('a machine without a configuration gets one', async (t) => {
  const { files, world, mend, told } = freshMachine(t)
  await files.remove(config)
  await mend(checks)
  t.match(await files.read(config), /^version = 2\n[\s\S]*SystemdCgroup = true\n$/)
  t.equal(world.containerd, await files.read(config))
  t.same(await told(), ['changed /etc/containerd/config.toml (there was none)'])
})

t.test('a file keeps its mode, and so does its backup', async (t) => {
  const { files, at, mend } = freshMachine(t)
  await files.write(config, containerd, 0o600)
  await mend(checks)
  for (const file of [config, `${config}.joinery-backup-1`]) t.equal((await stat(at(file))).mode & 0o777, 0o600, file)
})

t.test('if containerd does not start with a change, it gets its old file back and no second try', async (t) => {
  const { files, world, commands, mend } = freshMachine(t)
  world.starts = (text) => text === containerd
  t.match(await mend(checks), {
    changes: [
      { what: /^could not change .*: containerd did not start with it, and it runs as before: Job for containerd/ }
    ]
  })
  t.equal(await files.read(config), containerd)
  t.equal(world.containerd, containerd)
  t.same(commands, [restart, restart])
  t.match(await mend(checks), {
    changes: [{ what: /^cannot set up containerd by .*: it was tried, and containerd did/ }]
  })
  t.same(commands, [restart, restart])
})

t.test('if containerd does not start with a new file, the file is removed again', async (t) => {
  const { files, world, mend } = freshMachine(t)
  await files.remove(config)
  world.starts = (text) => text === ''
  t.match(await mend(checks), { changes: [{ what: /it runs as before/ }] })
  t.equal(await files.read(config), undefined)
})

t.test('a containerd that does not start with its old configuration either is reported', async (t) => {
  const { world, mend } = freshMachine(t)
  world.starts = () => false
  t.match(await mend(checks), { changes: [{ what: /does not start with its old configuration either/ }] })
})

t.test('after a power cut before the restart containerd is restarted, or put back if it does not start', async (t) => {
  const { files, world, commands, mendUntil, mend, told } = freshMachine(t)
  // backup, record, file
  await mendUntil(3, checks)
  t.match(await files.read(config), /SystemdCgroup = true/)
  t.same(commands, [])
  world.starts = (text) => text === containerd
  await mend(checks)
  t.equal(world.containerd, containerd)
  t.match(await told(), [/^could not change .*it runs as before/])
})

t.test('containerd is not restarted each minute for a right file that it does not go by', async (t) => {
  const { commands, mend } = freshMachine(t)
  await mend(checks)
  t.match(await mend(checks), { changes: [{ what: /is as it should be, but containerd does not use it/ }] })
  t.same(commands, [restart])
})

const imported = 'version = 2\nimports = ["conf.d/*.toml"]\n'
const ways: [string, Record<string, string>, RegExp | undefined][] = [
  [
    'a file that sets the same plugin',
    { 'conf.d/gpu.toml': '[plugins."io.containerd.grpc.v1.cri"]\n' },
    /gpu\.toml, which may change/
  ],
  [
    'a file that switches the CRI off',
    { 'conf.d/x.toml': 'disabled_plugins = ["io.containerd.grpc.v1.cri"]' },
    /x\.toml/
  ],
  ['a file that imports others', { 'conf.d/x.toml': 'imports = ["/else"]' }, /x\.toml/],
  ['a damaged file', { 'conf.d/x.toml': 'a = = b' }, /x\.toml/],
  [
    'a file that says something else',
    { 'conf.d/x.toml': '[debug]\nlevel = "info"\n', 'conf.d/README': '= =' },
    undefined
  ],
  ['nothing', {}, undefined]
]
for (const [name, others, says] of ways) {
  t.test(`an import of ${name} ${says ? 'keeps the agent from a change' : 'does not matter'}`, async (t) => {
    const { files, mend } = freshMachine(t)
    await files.write(config, imported, 0o644)
    for (const [file, text] of Object.entries(others)) await files.write(`/etc/containerd/${file}`, text, 0o644)
    const { changes } = await mend(checks)
    if (says) t.match(changes, [{ what: says }])
    t.equal((await files.read(config)) === imported, says !== undefined)
  })
}

t.test('an import pattern that the agent does not understand keeps it from a change', async (t) => {
  const { files, mend } = freshMachine(t)
  await files.write(config, 'version = 2\nimports = ["/etc/*/x?.toml"]\n', 0o644)
  t.match(await mend(checks), { changes: [{ what: /it imports \/etc\/\*\/x\?\.toml/ }] })
})

t.test('a folder that containerd reads only without a configuration keeps the agent from writing one', async (t) => {
  const { files, mend } = freshMachine(t)
  await files.remove(config)
  await files.write('/etc/containerd/conf.d/x.toml', '', 0o644)
  t.match(await mend(checks), { changes: [{ what: /conf\.d would not be read beside one/ }] })
  t.equal(await files.read(config), undefined)
})

const hostile: [string, (path: string) => Promise<unknown>, RegExp][] = [
  ['a link', (path) => rename(path, `${path}.real`).then(() => symlink(`${path}.real`, path)), /is a link/],
  ['huge', (path) => writeFile(path, '#'.repeat(2 ** 20 + 1)), /has 1048577 bytes/],
  ['binary', (path) => writeFile(path, '\0ELF'), /is no text/],
  ['no TOML', (path) => writeFile(path, 'version = = 2'), /config\.toml: Invalid TOML/]
]
for (const [name, make, says] of hostile) {
  t.test(`a configuration that is ${name} is left alone`, async (t) => {
    const { files, at, commands, mend } = freshMachine(t)
    await make(at(config))
    const before = await files.read(config)
    t.match(await mend(checks), { changes: [{ what: says }] })
    t.equal(await files.read(config), before)
    t.same(commands, [])
  })
}
