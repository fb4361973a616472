import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { CommandEnd } from '@joinery/host/command-end.ts'
import { systemFailure } from '@joinery/host/text/failure.ts'
import { remediations } from '@joinery/protocol'
import { describeProblems, parseConfig, textLike } from '@joinery/protocol/config'
import Type, { type Static } from 'typebox'
import { exitCodes } from './exit-codes.ts'

/** /etc/joinery/agent.yaml */
export const AgentConfig = Type.Object(
  {
    server: textLike('https://HOST:PORT', (text) => /^https:\/\/[^/]+$/.test(text), {
      description: 'the pairing server'
    }),
    pin: textLike('sha256: and 64 lower-case hex digits', (text) => /^sha256:[0-9a-f]{64}$/.test(text), {
      description: 'of the key of the pairing server CA'
    }),
    apiEndpoint: Type.Optional(
      textLike('HOST:PORT', (text) => /^[^/]+:[0-9]+$/.test(text), {
        description: 'host:port of the Kubernetes API, for preflight'
      })
    ),
    name: Type.Optional(Type.String({ description: 'node name to ask for; without it the host name' })),
    nodeIp: Type.Optional(
      textLike('an IP address', (text) => isIP(text) !== 0, {
        description: 'IP address of the Node, where the kubelet would choose another one'
      })
    ),
    codeFile: Type.String({ default: '/etc/joinery/code' }),
    remediate: Type.Optional(
      Type.Enum([...remediations], { description: 'what the agent may mend by itself; before what the code says' })
    ),
    ignorePreflight: Type.Optional(
      Type.Array(Type.String({ maxLength: 64 }), {
        maxItems: 100,
        description: 'checks whose failure is not to count, beside those that the code names'
      })
    )
  },
  { additionalProperties: false }
)
export type AgentConfig = Static<typeof AgentConfig>

/** A configuration that cannot be used; the message lists every problem with its line. */
export class ConfigError extends CommandEnd {
  constructor(causes: string | readonly string[], remedy?: string) {
    super(exitCodes.usage, causes, remedy)
  }
}

/** Throws ConfigError. */
export const loadConfig = async (file: string): Promise<AgentConfig> => {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new ConfigError(`there is no ${file}`, 'joinery-agent enrol --help')
    const { cause, remedy } = systemFailure(error) ?? { cause: error.message }
    throw new ConfigError(cause, remedy)
  })
  const parsed = parseConfig(AgentConfig, text)
  if ('problems' in parsed) {
    const remedy = `correct ${file}, or make it anew: joinery-agent enrol --replace`
    throw new ConfigError(describeProblems(file, parsed.problems), remedy)
  }
  return parsed.value
}
