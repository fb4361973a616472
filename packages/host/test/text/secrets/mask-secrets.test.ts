import { leaks, secretLines } from '@joinery/testing/texts/secret-lines'
import t from 'tap'
import { maskSecrets } from '../../../src/text/secrets/mask-secrets.ts'

const masked = secretLines.map((line) => ({ line, shown: maskSecrets(line.text) }))

t.test('C16: of more than 200 forms each secret goes', async (t) => {
  t.ok(secretLines.filter(({ secrets }) => secrets.length > 0).length >= 170)
  for (const { line, shown } of masked) if (leaks(line, shown).length > 0) t.fail(`${line.text} -> ${shown}`)
})

t.test(
  'C16: what tells something stays: names, digests, paths, words, and whole lines of the programs of a node',
  async (t) => {
    for (const { line, shown } of masked) {
      for (const kept of line.kept) if (!shown.includes(kept)) t.fail(`${kept} is gone from ${shown}`)
    }
  }
)

t.test('what is masked stays as it is when it is masked again', async (t) => {
  const shown = masked.map((one) => one.shown)
  t.same(shown.map(maskSecrets), shown)
})

t.test('a document is masked as its lines are, and what stands between stays', async (t) => {
  const lines = secretLines.map(({ text }) => text).filter((text) => !text.includes('-----BEGIN'))
  const between = '\n\nnext\n'
  t.same(maskSecrets(lines.join(between)).split(between), lines.map(maskSecrets))
})

// what is slow here takes minutes if it takes steps for each pair of characters
const repeated = [
  ...[
    'a',
    'a.',
    'a-',
    'A1b',
    'eyJ',
    '/',
    '(a',
    '@',
    '=',
    '[',
    ' ',
    '"',
    '\\',
    '\\"',
    '\n- ',
    '://',
    '//a:',
    'a:a@',
    ':1',
    'sk-'
  ],
  ...[
    'token',
    'token=',
    'token=[',
    'tokens: ["',
    'token: |\n ',
    'password: ',
    'password="\\"',
    'name=',
    '-u a:',
    'mysql ',
    '{"key":'
  ],
  ...[
    'Authorization: token ',
    'Bearer ',
    'a(b(c) ',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN CERTIFICATE-----',
    '<key>',
    '<secret>'
  ]
]

t.test('no text of a hostile program takes more steps than its length allows', async (t) => {
  for (const part of repeated) t.ok(maskSecrets(part.repeat(150_000 / part.length)), part)
})
