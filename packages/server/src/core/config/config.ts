import { readConfig, textLike } from '@joinery/host/config-file'
import { beta, credentialKinds, lifetimes, RecoverPolicy } from '@joinery/protocol'
import Type, { type Static } from 'typebox'
import { hostOf, isAddress } from '../base/addresses.ts'
import { logFormats } from '../base/log.ts'
import { AuditConfig } from './audit-config.ts'
import { durationOf, durationPattern } from './duration.ts'
import { listenAddress } from './listen-address.ts'
import { MetricsConfig } from './metrics-config.ts'
import { Tracing, WebhookRows } from './webhooks.ts'

const strict = { additionalProperties: false }

/** True if the text is an https URL with nothing but a host and a port, and a certificate can name the host. */
const isAgentsUrl = (text: string): boolean => {
  if (!/^https:\/\/[^/?#@\\\s]+$/.test(text) || !URL.canParse(text)) return false
  return new URL(text).port !== '0' && isAddress(hostOf(text))
}

/** Default time that ended records are kept as they were. */
export const defaultRetention = '90d'

/**
 * Default bound of machines that join at once: as many as the targets were measured with. A fleet of that size waits for nobody,
 * and the bound has a place to fall from when the API server has too much to do.
 */
export const defaultJoinsAtOnce = 2_000

const isDuration = (text: string): boolean => new RegExp(durationPattern).test(text)

const lifetime = (milliseconds: number, description: string) =>
  Type.Optional(
    textLike('a duration like 90d, 12h or 30m', isDuration, { default: durationOf(milliseconds), description })
  )

/** Schema of /etc/joinery/server.yaml */
export const ServerConfig = Type.Object(
  {
    agents: Type.Object(
      {
        listen: listenAddress({
          default: ':7443',
          description: 'address:port of the listener for agents; without an address, all addresses of this host'
        }),
        address: textLike('https://HOST:PORT, where HOST is a host name or an IP address', isAgentsUrl, {
          description: "https URL at which machines reach the server; the server's certificate is for its host"
        })
      },
      strict
    ),
    operators: Type.Object(
      {
        socket: Type.String({
          default: '/run/joinery/operator.sock',
          description: 'unix socket for operators; only root and the server may open it'
        })
      },
      { ...strict, default: {} }
    ),
    state: Type.String({ default: '/var/lib/joinery-server', description: 'folder for the keys and the store' }),
    store: Type.Optional(
      Type.Enum(['file', 'cluster'], {
        description: `place of what the server knows: \`file\` in its folder, or \`cluster\` in etcd ${beta}, for several servers of which one is active; \`file\` if absent`
      })
    ),
    apiEndpoint: Type.Optional(
      textLike('HOST:PORT', (text) => /^[^/\s]+:[0-9]+$/.test(text), {
        description: 'host:port that machines get instead of the one that `joinery-server setup` read in the cluster'
      })
    ),
    credential: Type.Enum([...credentialKinds], {
      default: 'token',
      description: 'default credential kind of a code; with `certificate` this server makes no tokens at all'
    }),
    recover: Type.Optional(
      Type.String({
        ...RecoverPolicy,
        default: 'ask',
        description:
          'policy for machines that lost the certificate of their kubelet, if their code has none: `ask` an operator, approve `auto N` times a year, or `never`'
      })
    ),
    joinsAtOnce: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100_000,
        default: defaultJoinsAtOnce,
        description:
          'largest number of machines between their claim and Ready at once; others wait for their turn. The server lowers it by itself, down to 1, while the API server answers 429 or slowly'
      })
    ),
    servingCertificates: Type.Optional(
      Type.Enum(['leave', 'approve'], {
        description:
          'treatment of requests for kubelet-serving certificates of Nodes that the server knows; `leave` if absent'
      })
    ),
    diagnosis: Type.Optional(
      Type.Enum(['off', 'on'], {
        description:
          'with `on` the server also reads Pods, DaemonSets and Leases: for causes of Nodes that are not Ready, for gates, and for images; `off` if absent'
      })
    ),
    lifetimes: Type.Optional(
      Type.Object(
        {
          pending: lifetime(
            lifetimes.pending,
            'time for which a machine may wait for an approval, such as `7d`, `12h` or `30m`'
          ),
          approved: lifetime(lifetimes.approved, 'time in which an approved machine must claim'),
          recovering: lifetime(
            lifetimes.recovering,
            'time for which a machine that lost its certificate may wait for an approval; the ask is then over'
          ),
          frozen: lifetime(
            lifetimes.frozen,
            'time for which an enrolment stays frozen; an enrolment expires when this time, `pending` or `approved` is over'
          )
        },
        { ...strict, default: {} }
      )
    ),
    retention: Type.Optional(
      textLike('a number of days like 90d', (text) => /^[1-9][0-9]{0,3}d$/.test(text), {
        default: defaultRetention,
        description:
          'days, such as `90d`, for which the server keeps ended enrolments, their timelines, codes and packages; bans stay longer'
      })
    ),
    policy: Type.Optional(
      textLike('the absolute path of a file', (text) => /^\/[^\0]+$/.test(text), {
        description: `file with the rules by which the server decides about machines itself, such as \`/etc/joinery/policy.yaml\`; a change of that file needs no restart ${beta}`
      })
    ),
    agentPackage: Type.Optional(Type.String({ description: 'path of the joinery-agent .deb that machines install' })),
    metrics: Type.Optional(MetricsConfig),
    webhooks: Type.Optional(WebhookRows),
    tracing: Type.Optional(Tracing),
    audit: Type.Optional(AuditConfig),
    logFormat: Type.Optional(
      Type.Enum([...logFormats], {
        default: 'json',
        description: 'form of the lines of the log: for programs, or for people'
      })
    )
  },
  strict
)
export type ServerConfig = Static<typeof ServerConfig>

/** Loads the configuration. Throws `ConfigError`. */
export const loadConfig = (file: string): Promise<ServerConfig> =>
  readConfig(ServerConfig, file, { missing: 'make it: joinery-server init', wrong: `correct ${file}` })
