import type { Check } from '@joinery/protocol'
import type { Exec } from './exec.ts'
import type { Files } from './files.ts'
import { paths } from './paths.ts'
import { kernelModules, missingModules, neededModules } from './preflight/kernel-modules.ts'
import { neededSysctls, sysctlPath, sysctls, wrongSysctls } from './preflight/sysctls.ts'

/**
 * Mends the checks that failed, where the agent may: kernel modules and sysctls, now and for the next boot. Gives what it
 * changed, and what it could not, in words. Modules first: br_netfilter brings the bridge's sysctls.
 */
export const mend = async (files: Files, exec: Exec, checks: readonly Check[]): Promise<string[]> => {
  const failed = (name: string): boolean => checks.some((check) => check.name === name && check.verdict === 'fail')
  return [
    ...(failed(kernelModules.name) ? await mendModules(files, exec) : []),
    ...(failed(sysctls.name) ? await mendSysctls(files) : [])
  ]
}

/** The file before the act: a power cut between the two leaves a machine that is right at its next boot. */
const mendModules = async (files: Files, exec: Exec): Promise<string[]> => {
  const done = await keep(files, paths.modulesFile, neededModules)
  for (const name of await missingModules(files)) {
    done.push(
      await attempt(`load the kernel module ${name}`, async () => {
        await exec(['modprobe', name])
        return `loaded the kernel module ${name}`
      })
    )
  }
  return done
}

const mendSysctls = async (files: Files): Promise<string[]> => {
  // "-": a key that this machine does not have is no error at boot
  const lines = neededSysctls.map(({ key, optional }) => `${optional ? '-' : ''}${key} = 1`)
  const done = await keep(files, paths.sysctlsFile, lines)
  for (const { key, value } of await wrongSysctls(files)) {
    done.push(
      await attempt(`set ${key}`, async () => {
        if (value === undefined) throw new Error('the kernel has no such key')
        await files.set(sysctlPath(key), '1\n')
        return `set ${key}: ${value} -> 1`
      })
    )
  }
  return done
}

const keep = async (files: Files, path: string, lines: readonly string[]): Promise<string[]> => {
  const text = ['# Needed by Kubernetes; written by joinery-agent', ...lines, ''].join('\n')
  if ((await files.read(path)) === text) return []
  const done = await attempt(`write ${path}`, async () => {
    await files.write(path, text, 0o644)
    return `wrote ${path}`
  })
  return [done]
}

/** One thing that cannot be mended does not keep the others from it. */
const attempt = (what: string, act: () => Promise<string>): Promise<string> =>
  act().catch((error: Error) => `could not ${what}: ${error.message}`)
