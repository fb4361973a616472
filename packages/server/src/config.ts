import { readFile } from 'node:fs/promises'
import { credentialKinds, lifetimes } from '@joinery/protocol'
import { describeProblems, parseConfig } from '@joinery/protocol/config'
import Type, { type Static } from 'typebox'
import { durationOf, durationPattern } from './duration.ts'

const strict = { additionalProperties: false }

/** How long what ended is kept as it was. */
export const defaultRetention = '90d'

const lifetime = (milliseconds: number, description: string) =>
  Type.Optional(Type.String({ pattern: durationPattern, default: durationOf(milliseconds), description }))

/** /etc/joinery/server.yaml */
export const ServerConfig = Type.Object(
  {
    agents: Type.Object(
      {
        listen: Type.String({
          default: ':7443',
          pattern: '^[^/]*:[0-9]{1,5}$',
          description: 'address:port of the agents listener; without an address, all of this host'
        }),
        address: Type.String({ pattern: '^https://[^/]+$', description: 'https URL by which machines reach it' })
      },
      strict
    ),
    operators: Type.Object(
      {
        socket: Type.String({
          default: '/run/joinery/operator.sock',
          description: 'unix socket of the operators, for root and the server alone'
        })
      },
      { ...strict, default: {} }
    ),
    state: Type.String({ default: '/var/lib/joinery-server', description: 'folder of keys and store' }),
    apiEndpoint: Type.Optional(
      Type.String({
        pattern: '^[^/]+:[0-9]+$',
        description: 'host:port given to machines instead of what the cluster says'
      })
    ),
    credential: Type.Enum([...credentialKinds], {
      default: 'token',
      description: 'what a code gets unless it says otherwise; with certificate this server makes no tokens at all'
    }),
    servingCertificates: Type.Optional(
      Type.Enum(['leave', 'approve'], {
        description: 'what becomes of requests for kubelet-serving certificates of nodes it knows; without it: leave'
      })
    ),
    lifetimes: Type.Optional(
      Type.Object(
        {
          pending: lifetime(lifetimes.pending, 'how long a machine may wait for an approval, as `7d`, `12h` or `30m`'),
          approved: lifetime(lifetimes.approved, 'how long an approved machine may take until it claims'),
          frozen: lifetime(lifetimes.frozen, 'how long an enrolment stays frozen; after each of these it expires')
        },
        { ...strict, default: {} }
      )
    ),
    retention: Type.Optional(
      Type.String({
        pattern: '^[1-9][0-9]{0,3}d$',
        default: defaultRetention,
        description:
          'days, as `90d`, that ended enrolments, their timelines, codes and kept packages stay after their end; bans stay longer'
      })
    ),
    agentPackage: Type.Optional(Type.String({ description: 'the joinery-agent .deb that machines install' }))
  },
  strict
)
export type ServerConfig = Static<typeof ServerConfig>

/** A configuration that cannot be used; the message lists every problem with its line. */
export class ConfigError extends Error {}

/** Throws ConfigError. */
export const loadConfig = async (file: string): Promise<ServerConfig> => {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new ConfigError(`${file}: ${error.message}\nmake it with: joinery-server init`)
  })
  const parsed = parseConfig(ServerConfig, text)
  if ('problems' in parsed) throw new ConfigError(describeProblems(file, parsed.problems))
  return parsed.value
}
