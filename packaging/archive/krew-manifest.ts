import { stringify } from 'yaml'
import type { Architecture } from '../architecture.ts'
import { version } from '../bundle/bundle.ts'
import { downloads } from '../downloads.ts'
import type { Sum } from '../evidence/sums.ts'
import { debianVersion, tagOf } from '../release/version.ts'

/** The archive of the command for one processor. */
interface CommandArchive {
  architecture: Architecture
  archive: Sum
}

/**
 * The manifest by which krew installs the command as `kubectl joinery`, on Linux alone: the archives bring a Node for it. A laptop with
 * another system has the npm package. Source of the form: krew's developer guide, v1alpha2.
 */
export const krewManifest = (archives: readonly CommandArchive[]): string =>
  stringify({
    apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
    kind: 'Plugin',
    metadata: { name: 'joinery' },
    spec: {
      version: tagOf(version),
      homepage: downloads,
      shortDescription: 'Decide which machines join the cluster',
      description:
        'Shows the machines that ask to join a kubeadm cluster, and approves exactly what was shown. The cluster needs the pairing server of Joinery.\n',
      platforms: archives.map(({ architecture: { debian }, archive }) => ({
        selector: { matchLabels: { os: 'linux', arch: debian } },
        uri: `${downloads}/${tagOf(version)}/${archive.name}`,
        sha256: archive.sha256,
        files: [{ from: `joinery-${debianVersion(version)}/*`, to: '.' }],
        bin: 'bin/joinery'
      }))
    }
  })
