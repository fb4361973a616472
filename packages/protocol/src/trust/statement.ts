import { createHash } from 'node:crypto'
import Type, { type Static } from 'typebox'
import { FurtherServers } from '../words/servers.ts'

/**
 * Facts of trust that a pairing server knows by itself, and signs with the key of its server certificate: where the servers are, which
 * package of the agent is the right one, and the endpoint of the Kubernetes API. A later version may have more fields.
 */
export const Statement = Type.Object({
  issued: Type.String({
    pattern: '^20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$',
    description: "UTC second in which it was signed, by the signer's clock"
  }),
  cluster: Type.String({ minLength: 1, maxLength: 64, description: 'uid of the Namespace kube-system' }),
  server: Type.String({
    maxLength: 512,
    pattern: '^https://[^\\s]+$',
    description: 'https URL of the agents listener'
  }),
  servers: Type.Optional(FurtherServers),
  apiEndpoint: Type.String({ maxLength: 300, pattern: '^[^\\s]+$', description: 'host:port of the Kubernetes API' }),
  package: Type.Optional(
    Type.Object(
      {
        sha256: Type.String({
          maxLength: 64,
          pattern: '^[0-9a-f]{64}$',
          description: 'SHA-256 of the package, in hex'
        }),
        size: Type.Integer({ minimum: 0, description: 'size of the package in bytes' })
      },
      { description: 'package of the agent that the server serves, if it serves one' }
    )
  ),
  version: Type.String({ maxLength: 64, pattern: '^[0-9A-Za-z.+-]+$', description: 'version of the server' })
})
export type Statement = Static<typeof Statement>

/** Most characters of a signed statement, and of the signed text that names the next pin. */
export const [statementAtMost, nextPinAtMost] = [4096, 2048] as const

/** Pattern of a compact JWS. */
const signed = '^[\\w-]+\\.[\\w-]+\\.[\\w-]+$'

/** Schema of a signed statement, wherever it is written. */
export const SignedStatement = Type.String({
  maxLength: statementAtMost,
  pattern: signed,
  description: 'statement of the server, signed with the key of its certificate (JWS)'
})

/** Schema of the signed text that names the next pin. */
export const SignedNextPin = Type.String({
  maxLength: nextPinAtMost,
  pattern: signed,
  description: 'pin of the next CA, signed by the present one (JWS); absent if it stays'
})

/** Header of each answer to an agent: the digest of what `GET /v1/statement` answers. */
export const statementHeader = 'joinery-statement'

/** Answer of `GET /v1/statement`. */
export const StatementAnswer = Type.Object({ statement: SignedStatement, nextPin: Type.Optional(SignedNextPin) })
export type StatementAnswer = Static<typeof StatementAnswer>

/** Digest of an answer: SHA-256 in hex. */
export const digestOf = ({ statement, nextPin = '' }: StatementAnswer): string =>
  createHash('sha256').update(`${statement}\n${nextPin}`).digest('hex')
