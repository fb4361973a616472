import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { type Architecture, architectures } from '../architecture.ts'
import { tool } from '../tool.ts'
import { agreedNode, type Publisher } from './agreed-node.ts'

/**
 * `node packaging/node/compare-node.ts RELEASE PLAYWRIGHT > packaging/node/node-binaries.json`: has two publishers that know nothing of one
 * another, npm's node-linux-* and PyPI's playwright of that version, give the bin/node that they ship, for each processor. Prints
 * their SHA-256 where they are the same byte for byte; else it says what is not and ends with 1. Wants npm, pip and python3.
 */
const [, , release, playwright] = process.argv
if (release === undefined || playwright === undefined) {
  console.error('usage: node packaging/node/compare-node.ts RELEASE PLAYWRIGHT, as in 24.21.0 1.64.0')
  process.exit(2)
}

const wheels: Record<Architecture['debian'], string[]> = {
  amd64: ['manylinux1_x86_64', 'manylinux2014_x86_64'],
  arm64: ['manylinux_2_17_aarch64', 'manylinux2014_aarch64']
}

const inScratch = (use: (folder: string) => string): string => {
  const folder = mkdtempSync(`${tmpdir()}/joinery-compare-`)
  try {
    return createHash('sha256')
      .update(readFileSync(use(folder)))
      .digest('hex')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const ofNpm = ({ node }: Architecture): string =>
  inScratch((folder) => {
    const archive = tool('npm', 'pack', '--silent', '--pack-destination', folder, `node-linux-${node}@${release}`)
    tool('tar', '--extract', '--gzip', `--file=${folder}/${archive}`, `--directory=${folder}`, 'package/bin/node')
    return `${folder}/package/bin/node`
  })

const ofPlaywright = ({ debian }: Architecture): string =>
  inScratch((folder) => {
    const platforms = wheels[debian].map((platform) => `--platform=${platform}`)
    const which = ['--no-deps', '--only-binary=:all:', ...platforms, `--dest=${folder}`, `playwright==${playwright}`]
    tool('python3', '-m', 'pip', 'download', '--quiet', ...which)
    const [wheel] = readdirSync(folder)
    tool('python3', '-m', 'zipfile', '--extract', `${folder}/${wheel}`, folder)
    return `${folder}/playwright/driver/node`
  })

const sums = (publisher: (architecture: Architecture) => string): Publisher =>
  Object.fromEntries(architectures.map((architecture) => [architecture.debian, publisher(architecture)])) as Publisher

const agreed = agreedNode(sums(ofNpm), sums(ofPlaywright))
if ('differ' in agreed) {
  console.error(`the Node ${release} of npm is not that of playwright ${playwright} for ${agreed.differ.join(', ')}`)
  process.exit(1)
}
console.log(JSON.stringify({ release, playwright, sha256: agreed.sha256 }, undefined, 2))
