import { hostname } from 'node:os'
import { CommandEnd } from '@joinery/host/command-end'
import { ConfigError } from '@joinery/host/config-file'
import { exec } from '@joinery/host/exec'
import { type Files, filesUnder } from '@joinery/host/files'
import { escapeText, isNodeName, remediations, serversAtMost, shortFingerprint } from '@joinery/protocol'
import Type from 'typebox'
import { Value } from 'typebox/value'
import { stringify } from 'yaml'
import { machineIds } from '../host/machine-ids.ts'
import { paths } from '../host/paths.ts'
import { JournalFile } from '../journal/journal.ts'
import { loadIdentity } from '../keys/identity.ts'
import { AgentConfig, loadConfig } from '../program/config.ts'
import { exitCodes } from '../program/exit-codes.ts'
import type { Terminal } from '../program/terminal.ts'
import { type CodeInput, givenCode } from './given-code.ts'
import type { Present, Wanted } from './plan-enrol.ts'
import { enrol } from './set-up-enrolment.ts'

export interface EnrolOptions {
  wanted: Wanted
  /** Path of the file with the code. `-` is standard input. */
  codeFile: string
  replace: boolean
  paths: { configFile: string; codeFile: string; stateDirectory: string }
  uid: number
}

/** Makes the agent of this machine enrol, and shows the key for an operator to compare. */
export const enrolHere = async (options: EnrolOptions, input: CodeInput, terminal: Terminal): Promise<void> => {
  const { codeFile, replace, uid, paths: places } = options
  const wanted = checkWanted(options.wanted)
  if (uid !== 0)
    throw new CommandEnd(exitCodes.failure, 'only root may enrol this machine', 'run the same command with sudo')
  const code = await givenCode(codeFile, input)
  const files = filesUnder('/')
  const present = await readPresent(files, places)
  await enrol({ files, exec, ...places, toYaml: stringify }, wanted, code, present, replace)
  const { fingerprint } = await loadIdentity(files, places.stateDirectory, await machineIds(files))
  const name = escapeText(wanted.name ?? hostname())
  terminal.out(`Key: ${shortFingerprint(fingerprint)}\n`)
  terminal.err(`An operator compares it and lets the machine in: joinery show ${name}, joinery approve ${name}\n`)
  terminal.err('Next: joinery-agent status --watch\n')
}

const readPresent = async (files: Files, { configFile, stateDirectory }: EnrolOptions['paths']): Promise<Present> => {
  const { accepted, attempt } = await new JournalFile(files, stateDirectory).read()
  return {
    config: (await files.exists(configFile)) ? await loadConfig(configFile).catch(problem) : undefined,
    joined: accepted === true && (await files.exists(paths.kubeletConf)),
    joining: attempt !== undefined && attempt.failure === undefined
  }
}

const problem = (error: Error): { problem: string } => {
  if (error instanceof ConfigError) return { problem: error.message }
  throw error
}

const Given = Type.Omit(AgentConfig, ['codeFile'])

const options: Record<keyof Wanted, string> = {
  server: '--server',
  servers: '--server',
  pin: '--pin',
  nextPin: '--next-pin',
  name: '--name',
  apiEndpoint: '--api-endpoint',
  remediate: '--remediate'
}

const shapes: Record<keyof Wanted, string> = {
  server: 'https://host:port',
  servers: `https://host:port, ${1 + serversAtMost} times at most`,
  pin: 'sha256: and 64 lower-case hex digits',
  nextPin: 'sha256: and 64 lower-case hex digits',
  name: 'a name that a Node may have',
  apiEndpoint: 'host:port',
  remediate: remediations.join(', ')
}

/**
 * Checks the options of the command line by the schema of the configuration. Throws a usage error that names every
 * wrong option.
 */
export const checkWanted = (given: Wanted): Wanted => {
  const keys = new Set(Value.Errors(Given, given).map(({ instancePath }) => instancePath.split('/')[1] as keyof Wanted))
  if (given.name !== undefined && !isNodeName(given.name)) keys.add('name')
  if (keys.size === 0) return given
  const wrong = [...keys].map((key) => `${options[key]} has to be ${shapes[key]}`)
  throw new CommandEnd(exitCodes.usage, wrong.join('; '))
}
