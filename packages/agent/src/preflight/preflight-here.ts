import { CommandEnd } from '@joinery/host/command-end'
import { filesUnder } from '@joinery/host/files'
import type { PreflightReport, Role } from '@joinery/protocol'
import { linuxMachine } from '../machine/linux-machine.ts'
import type { PreflightInput } from '../machine/preflight/check/preflight-input.ts'
import { checksFor } from '../machine/preflight/run-checks.ts'
import { knownToPreflight } from '../plan/known-to-preflight.ts'
import { effectivePolicy } from '../plan/policy.ts'
import { type AgentConfig, loadConfig } from '../program/config.ts'
import { exitCodes } from '../program/exit-codes.ts'
import { runPreflight } from './run-preflight.ts'
import type { Fix } from './to-mend.ts'

export interface PreflightOptions {
  /** True if no names were given. */
  fix?: true | string
  ignore: readonly string[]
  /** Role that the machine would get. */
  role: Role
  configFile: string
  /** True if somebody named the file: then it has to be there. */
  configGiven: boolean
  runDirectory: string
  uid: number
}

/** Runs preflight on this machine, whether or not it has a configuration. */
export const preflightHere = async (
  options: PreflightOptions
): Promise<{ report: PreflightReport; configured: boolean }> => {
  const { fix, ignore, role, configFile, configGiven, runDirectory, uid } = options
  const there = configGiven || (await filesUnder('/').exists(configFile))
  const config = there ? await loadConfig(configFile) : undefined
  const known = checksFor({ role: 'control-plane', ignore: [] }).map(({ name }) => name)
  const input = inputOf(
    config,
    role,
    ignore.flatMap((names) => checkNames('--ignore', names, known))
  )
  const wanted: Fix | undefined = typeof fix === 'string' ? checkNames('--fix', fix, known) : fix && 'safe'
  if (wanted !== undefined && uid !== 0) {
    throw new CommandEnd(exitCodes.failure, 'only root may mend this machine', 'sudo joinery-agent preflight --fix')
  }
  const machine = linuxMachine({ runDirectory })
  return { report: await runPreflight(machine, input, wanted), configured: config !== undefined }
}

/** The preflight input from the configuration and the person's options. Without a configuration it is little. */
const inputOf = (config: AgentConfig | undefined, role: Role, ignored: string[]): PreflightInput => {
  if (config === undefined) return { role, ignore: ignored }
  // a person is told what a higher level would do; without a code's word the level is the most common one
  const { remediate = 'safe', ignore } = effectivePolicy(config, undefined)
  return { ...knownToPreflight(config, { stagesReported: 0 }, { remediate, ignore: [...ignore, ...ignored] }), role }
}

/** The names in `a,b`, each of them one of `known`. If one is not, throws a usage error that lists them. */
export const checkNames = (option: string, given: string, known: readonly string[]): string[] => {
  const names = given.split(',').map((name) => name.trim())
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length === 0) return names
  const wrong = unknown.map((name) => JSON.stringify(name)).join(', ')
  throw new CommandEnd(exitCodes.usage, `${option}: no check is called ${wrong}`, `give one of ${known.join(', ')}`)
}
