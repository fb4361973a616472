import { readFile } from 'node:fs/promises'
import { remediations } from '@joinery/protocol'
import { describeProblems, parseConfig } from '@joinery/protocol/config'
import Type, { type Static } from 'typebox'

/** /etc/joinery/agent.yaml */
export const AgentConfig = Type.Object(
  {
    server: Type.String({ pattern: '^https://[^/]+$', description: 'the pairing server' }),
    pin: Type.String({ pattern: '^sha256:[0-9a-f]{64}$', description: 'of the key of the pairing server CA' }),
    apiEndpoint: Type.Optional(
      Type.String({ pattern: '^[^/]+:[0-9]+$', description: 'host:port of the Kubernetes API, for preflight' })
    ),
    name: Type.Optional(Type.String({ description: 'node name to ask for; without it the host name' })),
    nodeIp: Type.Optional(
      Type.String({
        pattern: '^[0-9A-Fa-f:.]{2,45}$',
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
export class ConfigError extends Error {}

/** Throws ConfigError. */
export const loadConfig = async (file: string): Promise<AgentConfig> => {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new ConfigError(`${file}: ${error.message}`)
  })
  const parsed = parseConfig(AgentConfig, text)
  if ('problems' in parsed) throw new ConfigError(describeProblems(file, parsed.problems))
  return parsed.value
}
