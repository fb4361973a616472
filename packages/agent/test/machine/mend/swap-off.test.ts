import { rename, symlink, writeFile } from 'node:fs/promises'
import t from 'tap'
import { withoutSwap } from '../../../src/machine/mend/swap-off.ts'
import { failed, freshMachine, fstab } from './machine.ts'

const mark = '# joinery-agent: no swap beside the kubelet: '

const lines: [string, string, boolean][] = [
  ['a partition', '/dev/sda2 none swap sw 0 0', true],
  ['a file, with tabs', '/swapfile\tnone\tswap\tsw\t0\t0', true],
  ['one with blanks before it', '  /swap.img none swap sw 0 0', true],
  ['no more than three fields', 'UUID=2 swap swap', true],
  ['one with a carriage return', '/dev/sda2 none swap sw 0 0\r', true],
  ['a comment', '# /dev/sda2 none swap sw 0 0', false],
  ['one that is not turned on at boot', '/dev/sda2 none swap noauto,sw 0 0', false],
  ['a folder of that name', '/dev/sda3 /swap ext4 defaults 0 2', false],
  ['an empty line', '', false]
]
for (const [name, line, out] of lines) {
  t.test(`${name} ${out ? 'becomes a comment' : 'stays'}`, async (t) => {
    const text = `first / ext4\n${line}\nlast /data ext4`
    t.equal(withoutSwap(text), `first / ext4\n${out ? mark : ''}${line}\nlast /data ext4`)
    t.equal(withoutSwap(withoutSwap(text)), withoutSwap(text))
  })
}

const hostile: [string, (path: string) => Promise<unknown>, RegExp][] = [
  ['a link', (path) => rename(path, `${path}.real`).then(() => symlink(`${path}.real`, path)), /is a link/],
  ['huge', (path) => writeFile(path, fstab.padEnd(2 ** 20 + 1, '#')), /has 1048577 bytes/],
  ['binary', (path) => writeFile(path, `\0${fstab}`), /is no text/],
  ['of another encoding', (path) => writeFile(path, Buffer.from(`# gr\xfcn\n${fstab}`, 'latin1')), /is no text/]
]
for (const [name, make, says] of hostile) {
  t.test(`an fstab that is ${name} is left alone, and swap is turned off until the next boot`, async (t) => {
    const { files, at, mend } = freshMachine(t)
    await make(at('/etc/fstab'))
    const before = await files.read('/etc/fstab')
    const { changes } = await mend(failed('swap'))
    t.match(changes[0], { what: /^cannot take swap out of it: \/etc\/fstab/ })
    t.match(changes[0], { what: says })
    t.match(changes.at(-1), { what: 'turned off swap on /dev/sda2' })
    t.equal(await files.read('/etc/fstab'), before)
    t.notOk((await files.list('/etc')).some((file) => file.includes('backup')))
  })
}

t.test('a backup that is there already is not written over', async (t) => {
  const { files, mend, told } = freshMachine(t)
  await files.write('/etc/fstab.joinery-backup-1', 'an older one', 0o600)
  await mend(failed('swap'))
  t.equal(await files.read('/etc/fstab.joinery-backup-1'), 'an older one')
  t.equal(await files.read('/etc/fstab.joinery-backup-2'), fstab)
  t.match(await told(), ['changed /etc/fstab (as it was: /etc/fstab.joinery-backup-2)'])
})

t.test('a unit that lies in /etc itself cannot be masked, so it is disabled', async (t) => {
  const { files, commands, mend } = freshMachine(t)
  await files.write('/etc/systemd/system/data.swap', '[Swap]\nWhat=/data/swap\n', 0o644)
  await files.write('/etc/systemd/system/swap.target.wants/data.swap', '', 0o644)
  await mend(failed('swap'))
  t.ok(commands.includes('systemctl disable --now -- data.swap'))
})
