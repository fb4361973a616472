import Type, { type Static } from 'typebox'
import { fingerprintOf } from '../machine/machine.ts'
import { FurtherServers } from '../words/servers.ts'

/** The name of the one Installation. */
export const installationName = 'joinery'

/** `status` of the Installation: everything that a machine needs to find and trust the server. The server writes it. */
export const InstallationView = Type.Object({
  server: Type.String({
    maxLength: 512,
    pattern: '^https://[^\\s]+$',
    description: 'https URL of the agents listener'
  }),
  servers: Type.Optional(FurtherServers),
  pin: { ...fingerprintOf("fingerprint of the server's CA key"), maxLength: 71 },
  nextPin: Type.Optional({ ...fingerprintOf('CA key that the server has next; absent if it stays'), maxLength: 71 }),
  certificateAuthority: Type.String({
    maxLength: 16_384,
    pattern: '^[-A-Za-z0-9+/=\\s]*$',
    description: 'PEM of the pairing server CA, and of the one that comes next'
  }),
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
export type InstallationView = Static<typeof InstallationView>
