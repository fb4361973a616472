import t from 'tap'
import { parse } from 'yaml'
import { maskConfig } from '../../src/bundle/mask-config.ts'

t.test('a configuration of the server is shown as it is', async (t) => {
  const text = `agents:
  listen: ":7443"
  address: https://192.0.2.10:7443
operators:
  socket: /run/joinery/operator.sock
state: /var/lib/joinery-server
credential: token
recover: auto 2
lifetimes:
  pending: 7d
agentPackage: /usr/share/joinery-server/joinery-agent_amd64.deb
limit: 3
apiEndpoint: api.example.org:6443
policy: /etc/joinery/policy.yaml
metrics:
  listen: "[::1]:9100"
  tokenFile: /etc/joinery/metrics.token
audit:
  checkpoints: [file, syslog]
`
  t.same(parse(maskConfig(text)), parse(text))
})

t.test('what may be a secret is masked, by its key or by its looks', async (t) => {
  for (const [text, shown] of [
    [
      'webhooks: [{ url: https://hooks.example/T0/CANARY, secret: CANARY }]',
      ['https://hooks.example/<secret>', '<secret>']
    ],
    ['metrics: { token: CANARY, tokenFile: /etc/joinery/token }', ['<secret>', '/etc/joinery/token']],
    ['apiKey: 12345', ['<secret>']],
    ['masterKey: { value: CANARY, more: [CANARY, { deep: CANARY }] }', ['<secret>', '<secret>', '<secret>']],
    [
      'otlp: { headers: { x: CANARY }, endpoint: "https://u:CANARY@otel.example:4318" }',
      ['<secret>', 'https://<secret>@otel.example:4318']
    ],
    ['strange: CANARYcanaryCANARYcanary01', ['<secret>']],
    ['url: "https://h.example?key=CANARY"', ['https://h.example/<secret>']],
    ['pass: canary7', ['<secret>']],
    ['pw: CANARY', ['<secret>']],
    ['credential: CANARY', ['<secret>']],
    ['credentials: { a: CANARY, b: word, c: [word] }', ['<secret>', '<secret>', '<secret>']],
    ['note: the word is CANARY', ['<secret>']],
    [
      'strange: [CANARY, "a/CANARY", "a CANARY", plain, 10.0.0.0/8]',
      ['<secret>', '<secret>', '<secret>', 'plain', '10.0.0.0/8']
    ],
    ['strange: canary7', ['<secret>']],
    ['url: "https://h.example/"', ['https://h.example/']],
    ['# CANARY\non: true\nnothing: null # CANARY', [true, null]]
  ] as const) {
    const masked = maskConfig(text)
    t.notMatch(masked, /CANARY|canary7/, text)
    const leaves = (value: unknown): unknown[] =>
      typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [value]
    t.same(leaves(parse(masked)), shown, text)
  }
})

t.test('a text that is no YAML is not quoted', async (t) => {
  t.throws(() => maskConfig('secret: [CANARY'), { message: 'it is no YAML' })
})
