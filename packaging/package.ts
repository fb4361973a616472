import { readFileSync } from 'node:fs'
import { agentPackage } from './agent-package.ts'
import { type Architecture, architectures } from './architecture.ts'
import { bundleAll, root, version } from './bundle.ts'
import { buildDeb, type DebianPackage } from './deb.ts'
import { programSums } from './evidence/programs.ts'
import { sha256 } from './evidence/sums.ts'
import { shippedPackage, writeEvidence } from './evidence/write-evidence.ts'
import type { JoineryPackage } from './joinery-package.ts'
import { nodeRuntime } from './node/node-runtime.ts'
import { serverPackage } from './server-package.ts'
import { buildTarball } from './tarball.ts'
import { tool } from './tool.ts'

/** Bytes: what a machine has to fetch before it can enrol. */
const agentLimit = 32_000_000

process.chdir(root)
process.env.SOURCE_DATE_EPOCH ??= tool('git', 'log', '-1', '--format=%ct')

const build = async (description: DebianPackage, level: 12 | 19): Promise<{ deb: string; size: number }> => {
  const deb = await buildDeb('dist', description, level)
  const bytes = readFileSync(deb)
  console.log(`${deb} ${(bytes.length / 1e6).toFixed(1)} MB`)
  console.log(`sha256 ${sha256(bytes)}`)
  return { deb, size: bytes.length }
}

const bundles = await bundleAll()

const epoch = Number(process.env.SOURCE_DATE_EPOCH)

const buildFor = async (architecture: Architecture): Promise<JoineryPackage[]> => {
  const target = { architecture, epoch, node: nodeRuntime(architecture) }
  const description = agentPackage(target, bundles.agent)
  console.log(await buildTarball('dist', description))
  const agent = await build(description, 19)
  if (agent.size > agentLimit) throw new Error(`${agent.deb} is larger than ${agentLimit / 1e6} MB`)
  // each machine fetches the agent, one host the server
  const server = serverPackage(target, bundles, agent.deb)
  await build(server, 12)
  return [description, server]
}

const packages = (await Promise.all(architectures.map(buildFor))).flat()
writeEvidence('dist', {
  version,
  epoch,
  shipped: packages.map(shippedPackage),
  programs: packages.flatMap(programSums)
})
