import { type ChildProcess, spawn } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { must, type Result, run } from '../cluster/bed/run.ts'
import { waitFor } from '../cluster/bed/wait-for.ts'

const minutes = 60_000

/** A Debian with its own systemd in namespaces of this machine: no network, no other processes, no cluster. */
export interface SmallMachine {
  /** Runs a command on it. A non-zero status is a result. */
  run(...argv: string[]): Promise<Result>
  /** Runs a command that has to succeed, and gives what it printed. */
  must(...argv: string[]): Promise<string>
  write(path: string, text: string, mode: number): void
  read(path: string): string
  copy(file: string, path: string): Promise<void>
  close(): Promise<void>
}

/** What needs hardware or a person, or writes at midnight. cloud-init is there for its units alone. */
const masked = [
  'getty.target',
  'console-getty.service',
  'systemd-modules-load.service',
  'cloud-init.target',
  'dpkg-db-backup.timer',
  'apt-daily.timer',
  'apt-daily-upgrade.timer'
]

/** Boots the system of a rootfs.tar from `folder`, where it is unpacked, and waits until it is up. */
export const bootSmallMachine = async (tar: string, folder: string): Promise<SmallMachine> => {
  const root = mkdtempSync(join(folder, 'machine-'))
  await must(['tar', '--extract', `--file=${tar}`, `--directory=${root}`, '--exclude=./dev/*'])
  for (const unit of masked) {
    rmSync(join(root, 'etc/systemd/system', unit), { force: true })
    symlinkSync('/dev/null', join(root, 'etc/systemd/system', unit))
  }
  for (const [name, minor] of [
    ['null', 3],
    ['zero', 5],
    ['full', 7],
    ['random', 8],
    ['urandom', 9]
  ] as const) {
    await must(['mknod', '--mode=666', join(root, 'dev', name), 'c', '1', `${minor}`])
  }
  const group = makeControlGroup()
  const init = start(root, group)
  const pid = await waitFor('its systemd', async () => childOf(init), Boolean, minutes)
  const on = (argv: string[]) => [
    'nsenter',
    `--target=${pid}`,
    ...['--mount', '--pid', '--uts', '--ipc', '--net', '--cgroup', '--root', '--wd'],
    ...['env', '--ignore-environment', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'DEBIAN_FRONTEND=noninteractive'],
    ...argv
  ]
  const machine: SmallMachine = {
    run: (...argv) => run(on(argv)),
    must: (...argv) => must(on(argv)),
    write: (path, text, mode) => {
      mkdirSync(join(root, path, '..'), { recursive: true })
      writeFileSync(join(root, path), text, { mode })
    },
    read: (path) => readFileSync(join(root, path), 'utf8'),
    copy: (file, path) => copyFile(file, join(root, path)),
    close: async () => {
      const ended = new Promise((resolve) => init.once('close', resolve))
      init.kill('SIGKILL')
      await ended
      await waitFor('its processes to be gone', async () => removeControlGroup(group), Boolean, minutes)
      rmSync(root, { recursive: true })
    }
  }
  await waitFor(
    'it to be up',
    async () => (await machine.run('systemctl', 'is-system-running')).stdout.trim(),
    (state) => state === 'running' || state === 'degraded',
    2 * minutes
  )
  return machine
}

/** In a control group of its own, so that its systemd has a tree to itself. */
const start = (root: string, group: string): ChildProcess => {
  const boot = fileURLToPath(new URL('boot.sh', import.meta.url))
  const namespaces = ['--mount', '--pid', '--uts', '--ipc', '--net', '--cgroup', '--fork', '--kill-child']
  const script = 'echo $$ > "$1/cgroup.procs" && shift && exec "$@"'
  const argv = ['-c', script, 'sh', group, 'unshare', ...namespaces, 'sh', boot, root]
  return spawn('sh', argv, { stdio: ['ignore', 'inherit', 'inherit'] })
}

const childOf = ({ pid, exitCode }: ChildProcess): string => {
  if (exitCode !== null) throw new Error(`it ended with ${exitCode}`)
  const child = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return child !== '' && readFileSync(`/proc/${child}/comm`, 'utf8') === 'systemd\n' ? child : ''
}

const makeControlGroup = (): string => {
  const [, mounted] = /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/mounts', 'utf8')) ?? []
  if (mounted === undefined) throw new Error('there is no cgroup v2 here')
  const group = `${mounted}/joinery-packages-${process.pid}`
  mkdirSync(group)
  return group
}

/** With the groups that its systemd made below. Throws while a process is in one. */
const removeControlGroup = (group: string): boolean => {
  for (const entry of readdirSync(group, { withFileTypes: true })) {
    if (entry.isDirectory()) removeControlGroup(join(group, entry.name))
  }
  rmdirSync(group)
  return true
}
