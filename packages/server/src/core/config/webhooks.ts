import { textLike } from '@joinery/host/config-file'
import { noticeKinds, webhookName } from '@joinery/protocol'
import Type from 'typebox'
import { isLoopback } from '../base/ip-address.ts'

const strict = { additionalProperties: false }

/** True if the URL names this host, by its address or as localhost. */
const isHere = ({ hostname }: URL): boolean =>
  hostname === 'localhost' || isLoopback(hostname.replace(/^\[(.*)\]$/, '$1'))

/** True if the text is the URL of a server, without a user's name, a password or a fragment. */
const isServerUrl = (text: string): boolean => {
  if (!/^https?:\/\/[^\s\\]+$/.test(text) || text.length > 2048 || !URL.canParse(text)) return false
  const { username, password, hash, port } = new URL(text)
  return username === '' && password === '' && hash === '' && port !== '0'
}

const isPlain = (text: unknown): boolean =>
  typeof text === 'string' && isServerUrl(text) && new URL(text).protocol === 'http:' && !isHere(new URL(text))

/** Words of a problem with an http URL to another host. */
const notPlain = () =>
  'url must be https: anybody on the way could read an http request; if that may be, add allowHttp: true'

/** True if the row says nothing over the network in clear, unless it says by name that this may be. */
const isCovered = (row: unknown): boolean => {
  const { url, allowHttp } = (row ?? {}) as { url?: unknown; allowHttp?: unknown }
  return allowHttp === true || !isPlain(url)
}

const allowHttp = Type.Optional(
  Type.Boolean({ default: false, description: 'with `true`, an http URL may lead to another host' })
)
const caFile = Type.Optional(
  Type.String({
    description: "file with the CAs that the receiver's certificate may come from; those of Node if absent"
  })
)

/** Most receivers of notices. */
const receiversAtMost = 8

/** Schema of `webhooks`: receivers of notices. */
export const WebhookRows = Type.Array(
  Type.Refine(
    Type.Object(
      {
        url: textLike('an https URL, or an http URL to this host', isServerUrl, {
          description: 'https URL that gets the notices; http only to this host'
        }),
        secretFile: Type.String({
          description: 'file with the secret that signs: `whsec_` and base64; a second line is a second secret'
        }),
        events: Type.Optional(
          Type.Array(Type.Enum([...noticeKinds]), {
            minItems: 1,
            description: `list of notices to send, of ${noticeKinds.map((kind) => `\`${kind}\``).join(', ')}; all if absent`
          })
        ),
        name: Type.Optional(
          textLike('lower-case letters, digits, dots and dashes', (text) => new RegExp(webhookName).test(text), {
            description: "name in `joinery webhook`; the URL's host if absent"
          })
        ),
        caFile,
        allowHttp
      },
      strict
    ),
    isCovered,
    notPlain
  ),
  { maxItems: receiversAtMost }
)

/** Schema of `tracing`: the collector that gets a trace of each join. */
export const Tracing = Type.Refine(
  Type.Object(
    {
      endpoint: textLike('an https URL, or an http URL to this host', isServerUrl, {
        description:
          'URL of an OpenTelemetry collector, such as `https://collector:4318/v1/traces`; http only to this host'
      }),
      caFile,
      allowHttp
    },
    strict
  ),
  (section) => {
    const { endpoint: url, ...others } = (section ?? {}) as { endpoint?: unknown }
    return isCovered({ ...others, url })
  },
  () => notPlain().replace('url', 'endpoint')
)
