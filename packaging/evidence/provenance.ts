import type { Sum } from './sums.ts'

/** How the files of a release were made. */
export interface Making {
  version: string
  /** Of Git, in hex. */
  commit: string
  /** Seconds since 1970: SOURCE_DATE_EPOCH. */
  epoch: number
  /** The files that were made. */
  files: readonly Sum[]
  /** Files of the repository that name, with their sums, what is fetched. */
  locks: readonly Sum[]
  /** The runtime, as packaging/node/node-binaries.json pins it. */
  node: { release: string; sha256: Readonly<Record<string, string>> }
  /** Packages of Debian that decide what the bytes are, as "dpkg 1.21.22 amd64". */
  tools: readonly string[]
}

/** Provenance as SLSA 1.0 has it, in an in-toto Statement v1: https://slsa.dev/spec/v1.0/provenance. Not signed by itself. */
export const provenanceOf = ({ version, commit, epoch, files, locks, node, tools }: Making) => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: files.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: {
    buildDefinition: {
      buildType: 'https://joinery.dev/build/release/v1',
      externalParameters: { version, source: { digest: { gitCommit: commit } } },
      internalParameters: { SOURCE_DATE_EPOCH: epoch },
      resolvedDependencies: [
        { name: 'source', digest: { gitCommit: commit } },
        ...locks.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
        ...Object.entries(node.sha256).map(([architecture, sha256]) => ({
          uri: `pkg:generic/node@${node.release}?arch=${architecture}`,
          digest: { sha256 }
        })),
        ...tools.map((tool) => {
          const [name, toolVersion = '', architecture] = tool.split(' ')
          return { uri: `pkg:deb/debian/${name}@${encodeURIComponent(toolVersion)}?arch=${architecture}` }
        })
      ]
    },
    runDetails: { builder: { id: 'https://joinery.dev/build/maintainer/v1' }, metadata: { invocationId: commit } }
  }
})

/** Provenance, as it is read again. */
export type Provenance = ReturnType<typeof provenanceOf>
