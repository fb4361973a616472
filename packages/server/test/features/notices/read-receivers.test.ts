import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseConfig } from '@joinery/host/config-file'
import t from 'tap'
import { ServerConfig } from '../../../src/core/config/config.ts'
import { readReceivers } from '../../../src/features/notices/read-receivers.ts'

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

t.test('a receiver has what the configuration says, and its secret from a file', async (t) => {
  const folder = t.testdir({ secret: `${secret}\n`, ca: 'PEM' })
  const secretFile = join(folder, 'secret')
  await chmod(secretFile, 0o640)
  const [one, two] = await readReceivers({
    webhooks: [
      { url: 'https://Hooks.example:8443/path?key=1', secretFile, events: ['alert'], caFile: join(folder, 'ca') },
      { url: 'http://127.0.0.1:1/', secretFile, name: 'relay' }
    ]
  })
  t.match(one, { name: 'hooks.example', onlyHere: false, certificateAuthority: 'PEM', secrets: [Buffer.alloc(32, 7)] })
  t.same([...(one?.kinds ?? [])], ['alert'])
  t.match(two, { name: 'relay', onlyHere: true })
  t.equal(two?.kinds.size, 7, 'all kinds if it names none')
  const [open] = await readReceivers({ webhooks: [{ url: 'http://relay.lan/', secretFile, allowHttp: true }] })
  t.match(open, { onlyHere: false })
  t.same(await readReceivers({}), [])
})

t.test('a secret that is missing, damaged or open to all refuses the start, and is not in the error', async (t) => {
  const folder = t.testdir({ good: secret, damaged: `${secret}SECRET!`, open: secret })
  await chmod(join(folder, 'good'), 0o600)
  await chmod(join(folder, 'damaged'), 0o600)
  await chmod(join(folder, 'open'), 0o644)
  const read = (name: string) =>
    readReceivers({ webhooks: [{ url: 'https://x.example/path', secretFile: join(folder, name) }] })
  const rows: [string, RegExp][] = [
    ['none', /none cannot be read \(ENOENT\)/],
    ['damaged', /damaged has no secret for the webhook x\.example/],
    ['open', /any user may open .*open \(mode 0644\): chmod 640/]
  ]
  for (const [name, says] of rows) {
    const error = await read(name).catch((error: Error) => error)
    t.match(error, { name: 'StartRefusal', message: says }, name)
    t.notMatch(`${(error as Error).message}`, /SECRET|BwcH|path/, name)
  }
  const secretFile = join(folder, 'good')
  const same = { url: 'https://x.example/', secretFile }
  await t.rejects(readReceivers({ webhooks: [same, same] }), { message: /two webhooks have the name x\.example/ })
  await writeFile(secretFile, `${secret}\n`)
})

t.test('the configuration takes no receiver that would say things in clear over the network', async (t) => {
  const problems = (rows: string): string[] => {
    const parsed = parseConfig(ServerConfig, `agents: {address: "https://x:7443"}\n${rows}`)
    return 'problems' in parsed ? parsed.problems.map(({ line, text }) => `${line}: ${text}`) : []
  }
  const row = (url: string, more = '') => problems(`webhooks:\n  - secretFile: /s\n    url: ${url}\n${more}`)
  const clear = /^3: webhooks\.0: url must be https/
  for (const url of [
    'https://x.example',
    'https://x.example:8443/a?b=c',
    'http://127.0.0.1:1/',
    'http://[::1]/',
    'http://localhost/x'
  ]) {
    t.same(row(url), [], url)
  }
  for (const url of [
    'http://x.example/',
    'http://192.0.2.1/',
    'http://127.0.0.1.x.example/',
    'http://[::ffff:192.0.2.1]/'
  ]) {
    t.match(row(url), [clear], url)
    t.same(row(url, '    allowHttp: true\n'), [], `${url}, said by name`)
  }
  for (const url of [
    'ftp://x',
    'x.example',
    'https://u:p@x/',
    'https://u@x/',
    'https://x/#a',
    'https://x:0/',
    '"https://x/ y"'
  ]) {
    t.match(row(url), [/^4: webhooks\.0\.url: must be an https URL/], url)
  }
  t.match(row('https://x', '    evnts: [alert]\n'), [/^5: webhooks\.0\.evnts: unknown key/])
  t.match(row('https://x', '    events: [alert, all]\n'), [/webhooks\.0\.events\.1: must be pending or ready/])
  t.match(row('https://x', '    events: []\n'), [/events/])
  t.match(row('https://x', '    name: :traces\n'), [/name: must be lower-case/])
  t.match(problems(`webhooks:\n${'  - {url: "https://x", secretFile: /s}\n'.repeat(9)}`), [/webhooks/], 'nine of them')
  t.match(problems('tracing: {endpoint: "http://x.example/v1/traces"}'), [/^2: tracing: endpoint must be https/])
  t.same(problems('tracing: {endpoint: "http://127.0.0.1:4318/v1/traces"}'), [])
})
