import { isIP } from 'node:net'
import { readConfig, textLike } from '@joinery/host/config-file'
import { beta, remediations, serversAtMost } from '@joinery/protocol'
import Type, { type Static } from 'typebox'

const server = (description: string) =>
  textLike('https://HOST:PORT', (text) => /^https:\/\/[^/]+$/.test(text), { description })

/** The agent's configuration, /etc/joinery/agent.yaml. */
export const AgentConfig = Type.Object(
  {
    server: server('URL of the pairing server'),
    servers: Type.Optional(
      Type.Array(server('URL of another server'), {
        maxItems: serversAtMost,
        description: `URLs of the other pairing servers, if there are several; they have the same pin ${beta}`
      })
    ),
    pin: textLike('sha256: and 64 lower-case hex digits', (text) => /^sha256:[0-9a-f]{64}$/.test(text), {
      description: 'fingerprint of the CA key of the pairing server (joinery-server init prints it)'
    }),
    nextPin: Type.Optional(
      textLike('sha256: and 64 lower-case hex digits', (text) => /^sha256:[0-9a-f]{64}$/.test(text), {
        description: 'fingerprint of the CA key that the pairing server will have next, while it changes'
      })
    ),
    apiEndpoint: Type.Optional(
      textLike('HOST:PORT', (text) => /^[^/]+:[0-9]+$/.test(text), {
        description: 'host:port of the Kubernetes API, for preflight'
      })
    ),
    name: Type.Optional(Type.String({ description: 'node name to ask for; the host name if absent' })),
    nodeIp: Type.Optional(
      textLike('an IP address', (text) => isIP(text) !== 0, {
        description: 'IP address of the Node, if the kubelet would choose another one'
      })
    ),
    codeFile: Type.String({ default: '/etc/joinery/code' }),
    remediate: Type.Optional(
      Type.Enum([...remediations], { description: 'level of mending by the agent; it wins over the level of the code' })
    ),
    ignorePreflight: Type.Optional(
      Type.Array(Type.String({ maxLength: 64 }), {
        maxItems: 100,
        description: 'checks whose failure does not count, in addition to those that the code names'
      })
    )
  },
  { additionalProperties: false }
)
export type AgentConfig = Static<typeof AgentConfig>

/** Reads the agent's configuration. Throws ConfigError. */
export const loadConfig = (file: string): Promise<AgentConfig> =>
  readConfig(AgentConfig, file, {
    missing: 'joinery-agent enrol --help',
    wrong: `correct ${file}, or write a new one: joinery-agent enrol --replace`
  })
