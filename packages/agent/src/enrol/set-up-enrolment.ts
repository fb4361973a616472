import { CommandEnd } from '@joinery/host/command-end'
import type { Exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import type { AgentConfig } from '../program/config.ts'
import { exitCodes } from '../program/exit-codes.ts'
import { type EnrolPlan, type Present, planEnrol, type Wanted } from './plan-enrol.ts'

export interface EnrolParts {
  files: Pick<Files, 'create' | 'write' | 'remove'>
  exec: Exec
  configFile: string
  /** The file for the code, if no configuration says otherwise. */
  codeFile: string
  /** YAML of a configuration. */
  toYaml: (config: Wanted) => string
}

export const agentUnit = 'joinery-agent.service'

/**
 * Makes this machine enrol: configuration, code, service. Each of them is right before the next is touched, so that a
 * person who is interrupted can repeat the command. `code` is in its canonical form.
 */
export const enrol = async (
  { files, exec, configFile, codeFile, toYaml }: EnrolParts,
  wanted: Wanted,
  code: string,
  present: Present,
  replace: boolean
): Promise<void> => {
  const plan = planEnrol(wanted, present, replace, codeFile)
  if (plan.do === 'refuse') throw new CommandEnd(exitCodes.failure, plan.why, plan.remedy)
  if (plan.do === 'replace') {
    await exec(['systemctl', 'stop', agentUnit])
    for (const file of codeFilesOf(plan, present.config)) await files.remove(file)
  }
  if (plan.do === 'replace') await files.write(configFile, toYaml(wanted), 0o644)
  else if (plan.write && !(await files.create(configFile, toYaml(wanted), 0o644))) {
    throw new CommandEnd(exitCodes.failure, 'somebody else enrols this machine right now', 'run the same command again')
  }
  await files.write(plan.codeFile, `${code}\n`, 0o600)
  await exec(['systemctl', 'enable', '--now', '--no-block', agentUnit])
}

const codeFilesOf = (plan: Extract<EnrolPlan, { do: 'replace' }>, config: Present['config']): Set<string> =>
  new Set([plan.codeFile, ...(isConfig(config) ? [config.codeFile] : [])])

const isConfig = (config: Present['config']): config is AgentConfig => config !== undefined && 'server' in config
