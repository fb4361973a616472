import type { Mutant } from './mutant.ts'

const listener = {
  file: 'packages/server/src/front/http/metrics/listener.ts',
  killedBy: ['packages/server/test/front/http/metrics/listener.test.ts']
}
const token = { ...listener, file: 'packages/server/src/front/http/metrics/token.ts' }
const meter = {
  file: 'packages/server/src/features/metrics/meter.ts',
  killedBy: ['packages/server/test/features/metrics/meter.test.ts']
}

export const metrics: readonly Mutant[] = [
  {
    ...listener,
    name: 'metrics-without-credential',
    text: "if (!(await mayScrape(parts, request))) return end('401'",
    instead: "if (await mayScrape(parts, request).then(() => false)) return end('401'",
    rule: 'metrics are given only for a credential'
  },
  {
    ...listener,
    name: 'metrics-any-client-certificate',
    text: 'tls.ca !== undefined && (socket as TLSSocket).authorized',
    instead: 'tls.ca !== undefined && (socket as TLSSocket).getPeerX509Certificate() !== undefined',
    rule: 'a client certificate counts only if its CA is that of the clients'
  },
  {
    ...listener,
    name: 'metrics-flood',
    text: 'if (refused) return void socket.destroy()',
    instead: '',
    rule: 'a flood of connections to the metrics is cut before TLS'
  },
  {
    ...token,
    name: 'metrics-short-token',
    text: 'token.length < shortest',
    instead: 'token.length < 1',
    rule: 'a token for metrics is too long to guess'
  },
  {
    ...meter,
    name: 'metrics-any-label',
    text: "if (!('open' in values)) return values.includes(value)",
    instead: "if (!('open' in values)) return true",
    rule: 'a label has only the values of the table'
  },
  {
    ...meter,
    name: 'metrics-any-version',
    text: 'if (seen.size < values.open) this.#open.set(label, seen.add(value))',
    instead: 'this.#open.set(label, seen.add(value))',
    rule: 'ever new versions of agents make no ever new series'
  }
]
