import { CommandEnd } from '@joinery/host/command-end'
import { isNodeName, remediations, serversAtMost } from '@joinery/protocol'
import Type from 'typebox'
import { Value } from 'typebox/value'
import { AgentConfig } from '../program/config.ts'
import { exitCodes } from '../program/exit-codes.ts'
import type { Wanted } from './plan-enrol.ts'

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
