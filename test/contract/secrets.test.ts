import { evidenceLine } from '@joinery/agent/testing/why'
import { collect } from '@joinery/cli/testing/bundle'
import { maskSecrets } from '@joinery/host/text/secrets/mask-secrets'
import { leaks, secretLines } from '@joinery/testing/texts/secret-lines'
import { lintSource } from '@secretlint/core'
import { creator as recommended } from '@secretlint/secretlint-rule-preset-recommend'
import t from 'tap'

t.test('C16: no secret of the corpus leaves a machine as evidence, and none is in a bundle', async (t) => {
  const sources = secretLines.map(({ text }, index) => ({ name: `${index}`, about: '', read: async () => text }))
  const { files } = await collect(sources, () => new Date(0))
  t.same(
    secretLines.filter((line, index) => leaks(line, files[index]?.text ?? '').length > 0),
    []
  )
  // a secret of several lines is gone before there are lines of evidence
  const single = secretLines.filter(({ text }) => !text.includes('\n'))
  t.same(
    single.filter((line) => leaks(line, evidenceLine(line.text)).length > 0),
    []
  )
})

const rules = [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: recommended, rules: [] }]

/** What secretlint's recommended rules find in a text: the rule, and the text. */
const found = async (content: string): Promise<string[]> => {
  const source = { content, filePath: '/a.txt', ext: '.txt', contentType: 'text' as const }
  const { messages } = await lintSource({ source, options: { config: { rules }, noPhysicFilePath: true } })
  return messages.map(({ ruleId, range: [from, to] }) => `${ruleId}: ${content.slice(from, to)}`)
}

/** This many letters and digits. They are put together here, so that no program takes this file for a leak. */
const some = (count: number): string => 'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789'.repeat(9).slice(0, count)
const hex = '0123456789abcdef'.repeat(2)

const tokens: readonly string[] = [
  `AWS_SECRET_ACCESS_KEY=${some(40)}`,
  `ghp_${some(36)}`,
  `github_pat_${some(82)}`,
  `glpat-${some(20)}`,
  `npm_${some(36)}`,
  `xoxb-123456789012-${some(24)}`,
  `https://hooks.slack.com/services/T000/B000/${some(24)}`,
  'https://app:hunter2@example.org/x',
  'https://hunter2:x-oauth-basic@github.com/x',
  `sk-proj-${some(74)}T3BlbkFJ${some(74)}`,
  `sk-ant-api03-${some(93)}AA`,
  `gsk_${some(52)}`,
  `hf_${'AbCdEfGhIjKlMnOpQrStUvWxYzAbCdEfGh'}`,
  `lin_api_${some(40)}`,
  `ntn_12345678901${some(35)}`,
  `-----BEGIN RSA PRIVATE KEY-----\nMII${some(120)}\n-----END RSA PRIVATE KEY-----`,
  `SG.${some(22)}.${some(43)}`,
  `shpat_${hex}`,
  `glc_${some(64)}`,
  `glsa_${some(32)}_6f7e8d9c`,
  'mongodb+srv://app:hunter2@cluster0.example.net/x',
  'mysql://app:hunter2@db.example.org/x',
  'postgres://app:hunter2@db.example.org/x',
  `hvs.${some(95)}`,
  `hvb.${some(150)}`,
  `vcp_${some(24)}`,
  `dapi${hex}`,
  `dckr_pat_${some(27)}`,
  `figd_${some(43)}`
]

t.test("C16: a second judge: what secretlint's rules find, the masking takes away, wherever it stands", async (t) => {
  const places: ((token: string) => string)[] = [
    (token) => token,
    (token) => `E1127 10:36:00.1 1849 main.go:1] "Failed" err="cannot use ${token}: denied"`,
    (token) => JSON.stringify({ level: 'error', what: token, n: 1 }),
    (token) => `first line\n  note: ${token}\nlast line`
  ]
  const left: string[] = []
  for (const token of tokens) {
    t.not((await found(token)).length, 0, `the judge knows ${token.slice(0, 12)}`)
    for (const place of places) left.push(...(await found(maskSecrets(place(token)))))
  }
  for (const { text } of secretLines) left.push(...(await found(maskSecrets(text))))
  t.same(left, [])
})
