import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Engine, readOwnersText } from '@joinery/policy'
import t, { type Test } from 'tap'
import { PolicyFile } from '../../../src/features/policy/policy-file.ts'

const policyOf = (mode: string, more = ''): string => `mode: ${mode}\n${more}rules: []\n`

/** Watches a policy in a folder, with engines that compile nothing. `open`: how many of them are open. */
const watch = (t: Test) => {
  const folder = t.testdir()
  const path = join(folder, 'policy.yaml')
  let open = 0
  const makeEngine = (): Engine => {
    open += 1
    return {
      compile: async (expressions) => expressions.map(() => ({ uses: [], leansOnProof: true })),
      first: async () => undefined,
      close: async () => {
        open -= 1
      }
    }
  }
  const file = new PolicyFile({ path, makeEngine, read: readOwnersText })
  const write = (text: string, name = 'policy.yaml') => writeFileSync(join(folder, name), text, { mode: 0o644 })
  return { path, file, write, open: () => open, mode: () => file.current?.policy.mode }
}

t.test('a policy is read again when it has changed, and only then', async (t) => {
  const { file, write, mode, open } = watch(t)
  write(policyOf('warn'))
  t.match(await file.look(), { loaded: { mode: 'warn' } })
  t.equal(await file.look(), undefined)
  write(policyOf('enforce'))
  t.match(await file.look(), { loaded: { mode: 'enforce' } })
  t.equal(mode(), 'enforce')
  t.equal(open(), 1, 'the engine of the policy before is closed')
  await file.close()
  t.equal(open(), 0)
})

t.test('a policy that is wrong is told once, and the last right one stays', async (t) => {
  const { file, write, mode, open } = watch(t)
  write(policyOf('enforce'))
  await file.look()
  write('mode: never\n')
  t.match(await file.look(), { refused: [/must be off/, /rules: is missing/] })
  t.equal(await file.look(), undefined)
  t.equal(mode(), 'enforce')
  t.equal(open(), 1)
  write(policyOf('enforce'))
  t.match(await file.look(), { loaded: { mode: 'enforce' } }, 'it is right again')
})

t.test('a policy that is gone decides nothing, until it is there again', async (t) => {
  const { file, write, mode, path, open } = watch(t)
  t.match(await file.look(), { refused: [/no such file/] })
  t.equal(await file.look(), undefined)
  write(policyOf('enforce'))
  await file.look()
  rmSync(path)
  t.match(await file.look(), { refused: [/no such file/] })
  t.equal(mode(), undefined)
  t.equal(open(), 0)
  write(policyOf('warn'))
  t.match(await file.look(), { loaded: { mode: 'warn' } })
})

t.test('an inventory that changes makes another policy, also one that came late', async (t) => {
  const { file, write } = watch(t)
  write(policyOf('enforce', 'inventories: {a: {file: a.txt}}\n'))
  t.match(await file.look(), { refused: [/a.txt: there is no such file/] })
  write('SN-1\n', 'a.txt')
  await file.look()
  const first = file.current?.policy.hash
  t.ok(first)
  write('SN-2\n', 'a.txt')
  await file.look()
  t.not(file.current?.policy.hash, first)
  t.equal(await file.look(), undefined)
})
