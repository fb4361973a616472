import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { type Architecture, architectures } from './architecture.ts'
import { krewManifest } from './archive/krew-manifest.ts'
import { agentArchive, buildTarball, commandArchive } from './archive/tarball.ts'
import { bundleAll, root, version } from './bundle/bundle.ts'
import { agentPackage } from './debian/agent-package.ts'
import { commandPackage } from './debian/command-package.ts'
import { buildDeb } from './debian/deb.ts'
import type { JoineryPackage } from './debian/joinery-package.ts'
import { serverPackage } from './debian/server-package.ts'
import { programSums } from './evidence/programs.ts'
import { type Sum, sha256, sumsText } from './evidence/sums.ts'
import { shippedPackage, writeEvidence } from './evidence/write-evidence.ts'
import { nodeRuntime } from './node/node-runtime.ts'
import { buildNpmPackage } from './npm/npm-package.ts'
import { requireSize } from './size-limits.ts'
import { tool } from './tool.ts'

process.chdir(root)
process.env.SOURCE_DATE_EPOCH ??= tool('git', 'log', '-1', '--format=%ct')

/** Prints size and SHA-256 of a file. Throws if the file is larger than a file of its name may be. */
const show = (path: string): Sum => {
  const bytes = readFileSync(path)
  const sum = { name: basename(path), sha256: sha256(bytes) }
  process.stdout.write(`${path} ${(bytes.length / 1e6).toFixed(1)} MB\n${sumsText([sum])}`)
  requireSize(sum.name, bytes.length)
  return sum
}

const bundles = await bundleAll()
const epoch = Number(process.env.SOURCE_DATE_EPOCH)

/** The agent, which comes first: the command has its sums, and the server its package. */
const buildAgent = async (architecture: Architecture) => {
  const target = { architecture, epoch, node: nodeRuntime(architecture) }
  const agent = agentPackage(target, bundles.agent)
  const archive = show(await buildTarball('dist', agentArchive(agent)))
  const deb = await buildDeb('dist', agent, 19)
  return { target, agent, deb, sums: [archive, show(deb)] }
}
type Agent = Awaited<ReturnType<typeof buildAgent>>

/** Each machine fetches the agent, few people the others: these need not be as small. */
const buildOthers = async ({ target, agent, deb }: Agent) => {
  const command = commandPackage(target, bundles)
  const archive = show(await buildTarball('dist', commandArchive(command)))
  show(await buildDeb('dist', command, 12))
  const server = serverPackage(target, bundles.server, deb)
  show(await buildDeb('dist', server, 12))
  const packages: JoineryPackage[] = [agent, command, server]
  return { architecture: target.architecture, archive, packages }
}

const agents = await Promise.all(architectures.map(buildAgent))
writeFileSync('dist/cli/agents.sha256', sumsText(agents.flatMap(({ sums }) => sums)))
const npm = await buildNpmPackage('dist', bundles.console)
show(npm.path)
const built = await Promise.all(agents.map(buildOthers))
writeFileSync('dist/joinery.yaml', krewManifest(built))
const packages = built.flatMap(({ packages }) => packages)
writeEvidence('dist', {
  version,
  epoch,
  shipped: [...packages.map(shippedPackage), npm.shipped],
  programs: [...packages.flatMap(programSums), ...npm.programs]
})
