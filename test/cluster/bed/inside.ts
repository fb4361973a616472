import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { type Result, type RunOptions, run } from './run.ts'
import type { Site } from './site.ts'

export interface Process {
  pid: number
  /** Settles when it has ended. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  kill(signal?: NodeJS.Signals): void
}

/** The command that runs `argv` in the bed's network and mount namespaces. The working folder is /. */
export function entering(site: Site, argv: readonly string[]): string[] {
  return ['nsenter', `--target=${site.holder}`, '--net', '--mount', '--', ...argv]
}

export function environment(site: Site): Record<string, string> {
  return {
    PATH: `${site.programs}:${process.env.PATH}`,
    KUBECONFIG: '/etc/kubernetes/super-admin.conf',
    // each bed's API server has the same address, and kubectl keeps what an address serves for hours
    KUBECACHEDIR: join(site.run, 'kubectl-cache')
  }
}

/** Runs a command inside to its end, as the cluster's super-admin. A non-zero status is a result. */
export function runInside(site: Site, argv: readonly string[], options: RunOptions = {}): Promise<Result> {
  return run(entering(site, argv), { ...options, env: { ...environment(site), ...options.env } })
}

/** Starts a long-running process inside; its output is appended to `<name>.log`. It lives until it is killed or the bed ends. */
export async function spawnInside(
  site: Site,
  name: string,
  argv: readonly string[],
  env: Record<string, string> = {}
): Promise<Process> {
  await using log = await open(join(site.logs, `${name}.log`), 'a')
  const [file = '', ...args] = entering(site, argv)
  const child = spawn(file, args, {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: { ...process.env, ...environment(site), ...env }
  })
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }))
  await once(child, 'spawn')
  child.unref()
  return {
    pid: child.pid as number,
    get exited() {
      child.ref() // who waits for it must not end meanwhile
      return exited
    },
    kill: (signal) => void child.kill(signal)
  }
}
