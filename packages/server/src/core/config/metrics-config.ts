import { textLike } from '@joinery/host/config-file'
import Type, { type Static } from 'typebox'
import { listenAddress } from './listen-address.ts'

const file = (description: string) =>
  Type.Optional(textLike('the absolute path of a file', (text) => /^\/[^\0]+$/.test(text), { description }))

interface Given {
  tokenFile?: unknown
  clientCa?: unknown
  certificate?: unknown
  key?: unknown
}

/** Settings of the listener for metrics. Without them there is none. */
export const MetricsConfig = Type.Refine(
  Type.Refine(
    Type.Object(
      {
        listen: listenAddress({
          description: 'address:port of the listener for metrics; without `metrics` there is none'
        }),
        tokenFile: file(
          'file with the token that a scrape must bring as `Authorization: Bearer`, of 32 characters at least'
        ),
        clientCa: file('file with the CA certificates (PEM) whose client certificates may scrape'),
        certificate: file('file with the certificate chain (PEM) of the listener; the one for agents if absent'),
        key: file('file with the key (PEM) of that certificate')
      },
      { additionalProperties: false }
    ),
    ({ tokenFile, clientCa }: Given) => tokenFile !== undefined || clientCa !== undefined,
    () => 'needs tokenFile or clientCa: nobody may scrape without a credential'
  ),
  ({ certificate, key }: Given) => (certificate === undefined) === (key === undefined),
  () => 'certificate and key belong together: set both or neither'
)
export type MetricsConfig = Static<typeof MetricsConfig>
