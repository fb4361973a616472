import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { importsOf } from './imports.ts'
import { codeOf, tokensOf } from './tokens.ts'

const folder = resolve(import.meta.dirname, '../../packages/protocol/src')
const sources = globSync('**/*.ts', { cwd: folder })
  .sort()
  .map((file) => ({ file, source: readFileSync(join(folder, file), 'utf8') }))

/** What the vocabulary of both sides stands on: keys, schemas, texts; nothing that reads, writes, asks or waits. */
const allowed = ['node:crypto', 'node:util', 'jose', 'typebox', 'typebox/value']

/** The rest of node:net opens connections. */
const addresses = /^import \{ ((BlockList|isIP)(, )?)+ \} from 'node:net'$/

const globals = ['process', 'console', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'require', 'globalThis']

t.test('protocol imports nothing that acts', async (t) => {
  t.ok(sources.length > 20, 'there is a protocol to search')
  for (const { file, source } of sources) {
    const lines = source.split('\n')
    const forbidden = importsOf(source).flatMap(({ specifier = '', line }) => {
      if (specifier.startsWith('.') && resolve(folder, file, '..', specifier).startsWith(`${folder}/`)) return []
      if (allowed.includes(specifier) || addresses.test(lines[line - 1] ?? '')) return []
      return [`${line}: ${specifier}`]
    })
    t.same(forbidden, [], file)
  }
})

t.test('protocol uses no global that acts', async (t) => {
  for (const { file, source } of sources) {
    const words = codeOf(tokensOf(source)).filter(({ kind }) => kind === 'word')
    t.same(
      words.map(({ text }) => text).filter((word) => globals.includes(word)),
      [],
      file
    )
  }
})
