import Type, { type Static } from 'typebox'
import { fingerprintOf } from '../machine/machine.ts'
import { SignedNextPin, SignedStatement, Statement } from '../trust/statement.ts'
import { conditionFields } from './conditions.ts'

/** The name of the one Installation. */
export const installationName = 'joinery'

/** Facts of trust as they stand beside the signed ones, for programs from before statements. */
const { server, servers, apiEndpoint, package: agentPackage, version } = Statement.properties

/** `status` of the Installation: everything that a machine needs to find and trust the server. The server writes it. */
export const InstallationView = Type.Object(
  {
    ...conditionFields,
    server,
    servers,
    pin: { ...fingerprintOf("fingerprint of the server's CA key"), maxLength: 71 },
    nextPin: Type.Optional({ ...fingerprintOf('CA key that the server has next; absent if it stays'), maxLength: 71 }),
    certificateAuthority: Type.String({
      maxLength: 16_384,
      pattern: '^[-A-Za-z0-9+/=\\s]*$',
      description: 'PEM of the pairing server CA, and of the one that comes next'
    }),
    apiEndpoint,
    package: agentPackage,
    version,
    statement: Type.Optional(SignedStatement),
    signedNextPin: Type.Optional(SignedNextPin)
  },
  { description: 'what a machine needs to find and trust the server' }
)
export type InstallationView = Static<typeof InstallationView>
