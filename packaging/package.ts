import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { agentPackage } from './agent-package.ts'
import { bundleAll, root } from './bundle.ts'
import { buildDeb, type DebianPackage } from './deb.ts'
import { serverPackage } from './server-package.ts'
import { tool } from './tool.ts'

/** Bytes: what a machine has to fetch before it can enrol. */
const agentLimit = 32_000_000

process.chdir(root)
process.env.SOURCE_DATE_EPOCH ??= tool('git', 'log', '-1', '--format=%ct')

const build = (description: DebianPackage): { deb: string; size: number } => {
  const deb = buildDeb('dist', description)
  const bytes = readFileSync(deb)
  console.log(`${deb} ${(bytes.length / 1e6).toFixed(1)} MB`)
  console.log(`sha256 ${createHash('sha256').update(bytes).digest('hex')}`)
  return { deb, size: bytes.length }
}

const bundles = await bundleAll()
const agent = build(agentPackage(bundles.agent))
if (agent.size > agentLimit) throw new Error(`${agent.deb} is larger than ${agentLimit / 1e6} MB`)
build(serverPackage(bundles.server, bundles.cli, agent.deb))
