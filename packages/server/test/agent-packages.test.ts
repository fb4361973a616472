import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { AgentPackages } from '../src/agent-packages.ts'
import { sqliteStore } from '../src/store/sqlite-store.ts'

t.test('codes that are made at once after an upgrade name one package, and it is there', async (t) => {
  const folder = t.testdir({ 'agent.deb': 'a package '.repeat(100_000) })
  const kept = join(folder, 'packages')
  const packages = new AgentPackages(sqliteStore(':memory:'), kept, join(folder, 'agent.deb'))
  const named = await Promise.all(Array.from({ length: 8 }, () => packages.current()))
  t.equal(new Set(named.map((one) => one?.sha256)).size, 1)
  t.same(await readdir(kept), [`${named[0]?.sha256}.deb`])
})
