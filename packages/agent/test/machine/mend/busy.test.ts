import { mkdir, stat, writeFile } from 'node:fs/promises'
import { filesUnder } from '@joinery/host/files'
import t, { type Test } from 'tap'
import { busyWith } from '../../../src/machine/mend/busy.ts'

/** dpkg is installed, and apt, kubeadm and a shell run. `locks`: /proc/locks by the inode of dpkg's lock. */
const machine = async (t: Test, locks: (inode: number) => string, processes: Record<string, string>) => {
  const root = t.testdir({ var: { lib: { dpkg: { 'lock-frontend': '' } } }, proc: { self: {} } })
  const { ino } = await stat(`${root}/var/lib/dpkg/lock-frontend`)
  await writeFile(`${root}/proc/locks`, locks(ino))
  for (const [pid, name] of Object.entries(processes)) {
    await mkdir(`${root}/proc/${pid}`)
    await writeFile(`${root}/proc/${pid}/comm`, `${name}\n`)
  }
  return filesUnder(root)
}

const cases: [string, (inode: number) => string, Record<string, string>, string | undefined][] = [
  ['systemd', () => '', { 1: 'systemd' }, undefined],
  [
    'apt',
    (inode) => `1: POSIX  ADVISORY  WRITE 812 08:01:${inode} 0 EOF\n`,
    { 812: 'apt-get' },
    'apt-get (process 812) holds /var/lib/dpkg/lock-frontend'
  ],
  [
    'a package manager that has just ended',
    (inode) => `1: FLOCK  ADVISORY  WRITE 812 fd:00:${inode} 0 EOF\n`,
    {},
    'a package manager (process 812) holds /var/lib/dpkg/lock-frontend'
  ],
  [
    'a process that only reads the lock',
    (inode) => `1: POSIX  ADVISORY  READ 812 08:01:${inode} 0 EOF\n`,
    { 812: 'apt' },
    undefined
  ],
  [
    'a process that only waits for the lock',
    (inode) => `1: -> POSIX ADVISORY WRITE 812 08:01:${inode} 0 EOF\n`,
    {},
    undefined
  ],
  [
    'a process that holds another file',
    (inode) => `1: POSIX  ADVISORY  WRITE 812 08:01:${inode + 1} 0 EOF\n`,
    {},
    undefined
  ],
  ['kubeadm', () => '', { 7: 'sh', 93: 'kubeadm' }, 'kubeadm (process 93) is at work'],
  ['a broken list of locks', () => '\0\n1:\n', {}, undefined]
]
for (const [name, locks, processes, says] of cases) {
  t.test(`${name} ${says ? 'keeps' : 'does not keep'} the machine busy`, async (t) => {
    t.equal(await busyWith(await machine(t, locks, processes)), says)
  })
}

t.test('the real machine can be asked whether it is busy', (t) => t.resolves(busyWith(filesUnder('/'))))
